/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import type { ReadingLimits } from '../insight.config.ts'
import { startLibheif } from './libheif.ts'
import type { Libheif } from './libheif-api.ts'
import { hevcBytes } from './pixel-budget.ts'

/** A picture as it is shown: turned, mirrored and cut as the file says. */
export interface DecodedPicture {
  /** Rows of pixels without gaps. */
  readonly pixels: Buffer
  readonly width: number
  readonly height: number
  /** 3 for RGB, 4 with alpha; 8 bits each. */
  readonly channels: 3 | 4
  /** Whether colours have been multiplied by alpha. */
  readonly isPremultiplied: boolean
  /** What the values of the colours mean: an ICC profile, or the number of their primaries (ITU-T H.273, table 2). */
  readonly icc?: Buffer
  readonly primaries?: number
}

/** Of heif_colorspace, heif_chroma and heif_channel (heif_image.h). */
const RGB = 1
const INTERLEAVED = { 3: 10, 4: 11 } as const
const INTERLEAVED_CHANNEL = 10
/** heif_error: two ints and the address of a text. */
const ERROR_BYTES = 12
const OUT_OF_MEMORY = 6
/** What a file that has more pixels than it says comes to, beside having no room. */
const LIMIT_EXCEEDED = 1_000
/** Where heif_decoding_options has its flag `convert_hdr_to_8bit` (32-bit pointers). */
const TO_8_BIT = 20
/** Where heif_color_profile_nclx has its primaries. */
const PRIMARIES = 4
const LONGEST_MESSAGE = 150

/**
 * Decodes the primary picture of a HEIF file whose pictures are HEVC, a grid of tiles or a sequence included. What is damaged is refused,
 * not shown as far as it goes. Throws HandlerFailure: `unreadable`, `pixel-limit` before anything is decoded, `memory`.
 */
export function decodeHevc(bytes: Buffer, limits: ReadingLimits): DecodedPicture {
  try {
    return new Decoding(startLibheif(limits.maxPixelBytes), limits).picture(bytes)
  } catch (error) {
    throw error instanceof HandlerFailure ? error : new HandlerFailure('unreadable', String(error))
  }
}

/** One file; nothing is given back, since what it lies in goes with the process. */
class Decoding {
  readonly #heif: Libheif
  readonly #limits: ReadingLimits
  readonly #error: number
  readonly #made: number

  constructor(heif: Libheif, limits: ReadingLimits) {
    this.#heif = heif
    this.#limits = limits
    this.#error = this.#room(ERROR_BYTES)
    this.#made = this.#room(4)
  }

  picture(bytes: Buffer): DecodedPicture {
    const handle = this.#primary(bytes)
    const channels = this.#heif._heif_image_handle_has_alpha_channel(handle) ? 4 : 3
    this.#checkSize(handle, channels)
    const isPremultiplied = this.#heif._heif_image_handle_is_premultiplied_alpha(handle) !== 0
    const colours = this.#colours(handle)
    return { ...this.#pixels(handle, channels), isPremultiplied, ...colours }
  }

  #primary(bytes: Buffer): number {
    const heif = this.#heif
    const copy = this.#room(bytes.length)
    heif.HEAPU8.set(bytes, copy)
    const context = heif._heif_context_alloc()
    heif._heif_context_read_from_memory_without_copy(this.#error, context, copy, bytes.length, 0)
    this.#check()
    heif._heif_context_get_primary_image_handle(this.#error, context, this.#made)
    this.#check()
    return this.#u32(this.#made)
  }

  #checkSize(handle: number, channels: 3 | 4): void {
    const width = this.#heif._heif_image_handle_get_width(handle)
    const height = this.#heif._heif_image_handle_get_height(handle)
    const bits = this.#heif._heif_image_handle_get_luma_bits_per_pixel(handle)
    const { maxPixels, maxPixelBytes } = this.#limits
    const needed = width * height * hevcBytes({ hasAlpha: channels === 4, bits })
    if (width * height > maxPixels || needed > maxPixelBytes)
      throw new HandlerFailure('pixel-limit', `${width} × ${height} to be decoded at once`)
  }

  /** Comes last: the pixels lie in the memory itself, which is another one once it has grown. */
  #pixels(handle: number, channels: 3 | 4) {
    const heif = this.#heif
    const options = heif._heif_decoding_options_alloc()
    heif.HEAPU8[options + TO_8_BIT] = 1
    heif._heif_decode_image(this.#error, handle, this.#made, RGB, INTERLEAVED[channels], options)
    this.#check()
    const image = this.#u32(this.#made)
    const plane = heif._heif_image_get_plane_readonly(image, INTERLEAVED_CHANNEL, this.#made)
    const stride = this.#u32(this.#made)
    const width = heif._heif_image_get_width(image, INTERLEAVED_CHANNEL)
    const height = heif._heif_image_get_height(image, INTERLEAVED_CHANNEL)
    const row = width * channels
    if (!(plane > 0 && width > 0 && height > 0 && stride >= row))
      throw new HandlerFailure('unreadable', 'it was decoded to nothing')
    const memory = heif.HEAPU8
    for (let y = 1; stride > row && y < height; y++)
      memory.copyWithin(plane + y * row, plane + y * stride, plane + y * stride + row)
    return { pixels: Buffer.from(memory.buffer, plane, row * height), width, height, channels }
  }

  #colours(handle: number): Pick<DecodedPicture, 'icc' | 'primaries'> {
    const heif = this.#heif
    const size = heif._heif_image_handle_get_raw_color_profile_size(handle)
    if (size > 0) {
      const copy = this.#room(size)
      heif._heif_image_handle_get_raw_color_profile(this.#error, handle, copy)
      this.#check()
      return { icc: Buffer.from(heif.HEAPU8.subarray(copy, copy + size)) }
    }
    heif._heif_image_handle_get_nclx_color_profile(this.#error, handle, this.#made)
    return this.#u32(this.#error) === 0 ? { primaries: this.#u32(this.#u32(this.#made) + PRIMARIES) } : {}
  }

  #room(bytes: number): number {
    const address = this.#heif._malloc(bytes)
    if (address === 0) throw new HandlerFailure('memory', 'the decoder has no room')
    return address
  }

  #check(): void {
    const code = this.#u32(this.#error)
    if (code === 0) return
    const text = this.#u32(this.#error + 8)
    const detail = this.#heif.HEAPU8.subarray(text, text + LONGEST_MESSAGE)
    const end = detail.indexOf(0)
    const message = Buffer.from(end < 0 ? detail : detail.subarray(0, end)).toString()
    const hasNoRoom = code === OUT_OF_MEMORY && this.#u32(this.#error + 4) !== LIMIT_EXCEEDED
    throw new HandlerFailure(hasNoRoom ? 'memory' : 'unreadable', message)
  }

  #u32(address: number): number {
    const { buffer } = this.#heif.HEAPU8
    return new DataView(buffer).getUint32(address, true)
  }
}
