/** How files that are examined are decoded: as pixels, and as nothing else. Importing it sets the process up. Erasable TypeScript only. */
import { decodeOnly, PIXELS } from './decoder.ts'

decodeOnly(PIXELS)

export { decoderFailure, openImage } from './decoder.ts'
