/** How files of a type are understood, and what is made of them to look at. */
export type Reader = 'image' | 'svg' | 'media' | 'pdf' | 'openXml' | 'openDocument' | 'compound'
export type PreviewMaker = 'pdfPage' | 'poster' | 'heifPicture'

interface Row {
  readonly reader: Reader
  /** Absent where the file itself can be shown small, or nothing of it. */
  readonly preview?: PreviewMaker
}

const image = { reader: 'image' } as const
const heif = { reader: 'image', preview: 'heifPicture' } as const
const audio = { reader: 'media' } as const
const video = { reader: 'media', preview: 'poster' } as const
const openXml = { reader: 'openXml' } as const
const openDocument = { reader: 'openDocument' } as const
const compound = { reader: 'compound' } as const
const OPEN_XML = 'application/vnd.openxmlformats-officedocument'
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument'

/** By true type, as the sniffer names it. */
const READERS = {
  'image/apng': image,
  'image/avif': image,
  'image/gif': image,
  'image/heic': heif,
  'image/heic-sequence': heif,
  'image/heif': heif,
  'image/heif-sequence': heif,
  'image/jpeg': image,
  'image/png': image,
  'image/tiff': image,
  'image/webp': image,
  'image/svg+xml': { reader: 'svg' },

  'video/3gpp': video,
  'video/3gpp2': video,
  'video/matroska': video,
  'video/mp2t': video,
  'video/mp4': video,
  'video/mpeg': video,
  'video/ogg': video,
  'video/quicktime': video,
  'video/vnd.avi': video,
  'video/webm': video,
  'video/x-flv': video,
  'video/x-ms-wmv': video,
  // As the two of Microsoft were called once, and still are where they came then.
  'video/x-ms-asf': video,
  'audio/x-ms-asf': audio,
  'application/mxf': video,
  'application/vnd.ms-asf': video,
  'application/vnd.rn-realmedia': video,

  'audio/3gpp': audio,
  'audio/aac': audio,
  'audio/aiff': audio,
  'audio/amr': audio,
  'audio/ape': audio,
  'audio/flac': audio,
  'audio/matroska': audio,
  'audio/mp4': audio,
  'audio/mpeg': audio,
  'audio/ogg': audio,
  'audio/vnd.dolby.dd-raw': audio,
  'audio/vnd.wave': audio,
  'audio/wavpack': audio,
  'audio/webm': audio,
  'audio/x-caf': audio,
  'audio/x-dff': audio,
  'audio/x-dsf': audio,
  'audio/x-ms-wma': audio,
  'audio/x-musepack': audio,
  'audio/x-voc': audio,

  'application/pdf': { reader: 'pdf', preview: 'pdfPage' },

  [`${OPEN_XML}.wordprocessingml.document`]: openXml,
  [`${OPEN_XML}.wordprocessingml.template`]: openXml,
  [`${OPEN_XML}.spreadsheetml.sheet`]: openXml,
  [`${OPEN_XML}.spreadsheetml.template`]: openXml,
  [`${OPEN_XML}.presentationml.presentation`]: openXml,
  [`${OPEN_XML}.presentationml.slideshow`]: openXml,
  [`${OPEN_XML}.presentationml.template`]: openXml,
  'application/vnd.ms-word.document.macroenabled.12': openXml,
  'application/vnd.ms-excel.sheet.macroenabled.12': openXml,
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': openXml,
  [`${OPEN_DOCUMENT}.text`]: openDocument,
  [`${OPEN_DOCUMENT}.spreadsheet`]: openDocument,
  [`${OPEN_DOCUMENT}.presentation`]: openDocument,
  [`${OPEN_DOCUMENT}.graphics`]: openDocument,
  'application/msword': compound,
  'application/vnd.ms-excel': compound,
  'application/vnd.ms-powerpoint': compound,
} as const satisfies Record<string, Row>

const rows = new Map<string, Row>(Object.entries(READERS))

export const readerOf = (mimeType: string): Reader | undefined => rows.get(mimeType)?.reader
export const previewMakerOf = (mimeType: string): PreviewMaker | undefined => rows.get(mimeType)?.preview

/** Whether files of this type are understood at all. */
export const examines = (mimeType: string): boolean => rows.has(mimeType)

/** Whether what is shown of a file of this type has to be made first. */
export const needsPreview = (mimeType: string): boolean => previewMakerOf(mimeType) !== undefined
