/** Run by Node itself in an isolated process: erasable TypeScript only. */

export type Address = number

/** libheif's C API as far as it is called here (heif.h): structures are addresses in its memory, and an error is written to the first argument. */
export interface Libheif {
  /** Its memory; another object once it has grown. */
  readonly HEAPU8: Uint8Array
  /** 0 where there is no room. */
  _malloc(bytes: number): Address
  _heif_context_alloc(): Address
  _heif_context_read_from_memory_without_copy(
    error: Address,
    context: Address,
    bytes: Address,
    size: number,
    options: 0,
  ): void
  _heif_context_get_primary_image_handle(error: Address, context: Address, made: Address): void
  _heif_image_handle_get_width(handle: Address): number
  _heif_image_handle_get_height(handle: Address): number
  _heif_image_handle_has_alpha_channel(handle: Address): number
  _heif_image_handle_is_premultiplied_alpha(handle: Address): number
  _heif_image_handle_get_luma_bits_per_pixel(handle: Address): number
  /** In bytes; 0 where there is no ICC profile. */
  _heif_image_handle_get_raw_color_profile_size(handle: Address): number
  _heif_image_handle_get_raw_color_profile(error: Address, handle: Address, made: Address): void
  _heif_image_handle_get_nclx_color_profile(error: Address, handle: Address, made: Address): void
  _heif_decoding_options_alloc(): Address
  _heif_decode_image(
    error: Address,
    handle: Address,
    made: Address,
    colorspace: number,
    chroma: number,
    options: Address,
  ): void
  _heif_image_get_width(image: Address, channel: number): number
  _heif_image_get_height(image: Address, channel: number): number
  _heif_image_get_plane_readonly(image: Address, channel: number, stride: Address): Address
  /** Writes the addresses of at most `room` decoders of a format to `made`. */
  _heif_get_decoder_descriptors(format: number, made: Address, room: number): number
  /** libde265's own, which decodes HEVC for libheif. */
  _de265_set_parameter_bool(decoder: Address, parameter: number, value: 0 | 1): void
}
