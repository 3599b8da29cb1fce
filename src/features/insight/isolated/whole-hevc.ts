/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { Address, Libheif } from './libheif-api.ts'
import { type WasmTable, wasm } from './web-assembly.ts'

/** heif_compression_HEVC (heif_library.h). */
const HEVC = 1
/** Where heif_decoder_plugin has the function `new_decoder2` (heif_plugin.h, version 5; 32-bit pointers). */
const NEW_DECODER = 56
/** Of de265_param (de265.h). */
const SUPPRESS_FAULTY_PICTURES = 6
const DISABLE_DEBLOCKING = 7
const DISABLE_SAO = 8

type NewDecoder = (error: Address, made: Address, options: Address) => void

/** A module that imports the function `e.f` with three numbers and no result, and exports it: so a table takes it (WebAssembly JS API, 5.6). */
const PASSED_ON = Buffer.from('0061736d0100000001070160037f7f7f0002070101650166000007050101660000', 'hex')

/**
 * Has HEVC decoded as its standard says, and what is damaged refused. libheif's build for WebAssembly leaves out the filters at the edges of
 * blocks to be faster (ITU-T H.265, 8.7), which a photo shows, and libde265 gives what it can of a damaged one; it is told otherwise whenever libheif has
 * made a decoder. Throws where the library is not built as the version was that this was written for.
 */
export function decodeFully(heif: Libheif, functions: WasmTable | undefined): void {
  const u32 = (address: Address) => new DataView(heif.HEAPU8.buffer).getUint32(address, true)
  const made = heif._malloc(4)
  if (heif._heif_get_decoder_descriptors(HEVC, made, 1) !== 1)
    throw new Error('libheif has no decoder of HEVC')
  const index = u32(u32(made) + NEW_DECODER)
  const newDecoder = functions?.get(index) as NewDecoder | undefined
  if (!functions || !newDecoder) throw new Error('libheif has no function that makes a decoder of HEVC')
  const f: NewDecoder = (error, decoder, options) => {
    newDecoder(error, decoder, options)
    if (u32(error) !== 0) return
    const own = u32(u32(decoder))
    heif._de265_set_parameter_bool(own, DISABLE_DEBLOCKING, 0)
    heif._de265_set_parameter_bool(own, DISABLE_SAO, 0)
    heif._de265_set_parameter_bool(own, SUPPRESS_FAULTY_PICTURES, 1)
  }
  const instance = new wasm.Instance(new wasm.Module(PASSED_ON), { e: { f } })
  functions.set(index, instance.exports.f)
}
