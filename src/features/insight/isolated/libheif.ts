/**
 * libheif's C API as far as it is called here (heif.h): structures are addresses in its memory, and an error is written to the first
 * argument. Run by Node itself in an isolated process: erasable TypeScript only.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import { type WasmExports, type WasmInstance, type WasmMemory, type WasmTable, wasm } from './web-assembly.ts'
import { decodeFully } from './whole-hevc.ts'

export type Address = number

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

type Factory = (options: {
  readonly print: () => void
  readonly printErr: () => void
  readonly instantiateWasm: (imports: object, receive: (instance: WasmInstance) => void) => WasmExports
}) => Libheif

const WASM_PAGE = 65_536
const require = createRequire(import.meta.url)

/**
 * A new instance of the library, whose memory does not grow beyond so many bytes: behind that it finds none, as any C program does.
 * Throws HandlerFailure `unsupported` where an operator has taken the library away, who may not want a decoder of HEVC.
 */
export function startLibheif(mostBytes: number): Libheif {
  const compiled = new wasm.Module(readFileSync(installed()))
  const start = require('libheif-js/libheif-wasm/libheif.js') as Factory
  let functions: WasmTable | undefined
  const heif = start({
    print: () => undefined,
    printErr: () => undefined,
    instantiateWasm(imports, receive) {
      const instance = new wasm.Instance(compiled, imports)
      for (const part of Object.values(instance.exports)) {
        if (part instanceof wasm.Memory) limit(part, mostBytes)
        if (part instanceof wasm.Table) functions = part
      }
      receive(instance)
      return instance.exports
    },
  })
  decodeFully(heif, functions)
  return heif
}

function installed(): string {
  try {
    return require.resolve('libheif-js/libheif-wasm/libheif.wasm')
  } catch {
    throw new HandlerFailure('unsupported', 'libheif-js is not installed')
  }
}

/** The runtime of the library grows its memory by this method alone, and takes what it throws for a no. */
function limit(memory: WasmMemory, mostBytes: number): void {
  const grow = memory.grow.bind(memory)
  memory.grow = pages => {
    if (memory.buffer.byteLength + pages * WASM_PAGE > mostBytes) throw new RangeError('no more memory')
    return grow(pages)
  }
}
