/** What the bytes of a file tell, typed; every part is absent where the file does not tell it. Plain JSON: it is kept as it is. */
export interface FileFacts {
  /** Pixels as shown, after EXIF orientation or the rotation of a track. */
  readonly width?: number
  readonly height?: number
  /** Of audio and video; of the container, where its tracks differ. */
  readonly durationSeconds?: number
  /** Of documents. */
  readonly pageCount?: number
  /** Degrees, WGS 84. */
  readonly geolocation?: { readonly latitude: number; readonly longitude: number }
  /** ISO 8601; in UTC where the file tells the zone, else without one. */
  readonly takenAt?: string
  readonly camera?: {
    readonly make?: string
    readonly model?: string
    readonly lens?: string
    readonly software?: string
  }
  /** As the file itself says, at most 500 characters each. */
  readonly title?: string
  readonly artist?: string
  readonly album?: string
  readonly copyright?: string
  readonly image?: ImageDetails
  readonly video?: VideoDetails
  readonly audio?: AudioDetails
  readonly document?: DocumentDetails
  readonly placeholder?: Placeholder
  /** What it says beside the fields above: a city, a serial number, an owner. That it does is kept, what it says is among the metadata. */
  readonly alsoTells?: { readonly place?: boolean; readonly device?: boolean; readonly owner?: boolean }
  /** All of it that could tell where and with what it was made was looked through: what is not told above is not in it. */
  readonly searched?: boolean
}

export interface ImageDetails {
  /** Pixels as stored. */
  readonly storedWidth: number
  readonly storedHeight: number
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number
  /** 1 for a still picture. */
  readonly frameCount: number
  /** As the decoder names it: `srgb`, `cmyk`, `b-w` … */
  readonly colorSpace?: string
  readonly hasAlpha: boolean
}

export interface VideoDetails {
  /** `avc`, `hevc`, `vp9`, `av1` … */
  readonly codec?: string
  /** Pixels as stored, before rotation. */
  readonly storedWidth: number
  readonly storedHeight: number
  /** Degrees clockwise: 0, 90, 180, 270. */
  readonly rotation: number
  /** Frames per second, on average of the beginning. */
  readonly frameRate?: number
  /** Bits per second, on average of the beginning. */
  readonly bitRate?: number
}

export interface AudioDetails {
  /** `aac`, `mp3`, `opus`, `flac`, `pcm-s16` … */
  readonly codec?: string
  readonly channels?: number
  /** Hertz. */
  readonly sampleRate?: number
  /** Bits per second, on average of the beginning. */
  readonly bitRate?: number
}

export interface DocumentDetails {
  readonly author?: string
  /** Whether it asks for a password. */
  readonly encrypted?: boolean
  /** Of the first page, in points of 1/72 inch. */
  readonly pageWidth?: number
  readonly pageHeight?: number
}

/** What stands for a picture until it is there. */
export interface Placeholder {
  /** ThumbHash in base64. */
  readonly thumbhash: string
  /** `#rrggbb`. */
  readonly dominantColor: string
}
