/** Run by Node itself in an isolated process: erasable TypeScript only. */

const APP2 = 0xe2
const NAME = 'ICC_PROFILE\0'
/** Bytes of a profile in one segment: its length, of 16 bits, counts itself, the name, and two numbers. */
const LONGEST_PART = 0xffff - 2 - NAME.length - 2
/** A megabyte; those of cameras have some hundred bytes, and the standard's end is 255. */
const MOST_PARTS = 16

/**
 * The JPEG with what its colours mean said in it (ICC.1:2022, B.4); nothing of the picture is changed. It must have no profile yet. One
 * of more than a megabyte is left out.
 */
export function withProfile(jpeg: Buffer, icc: Buffer): Buffer {
  const parts = Math.ceil(icc.length / LONGEST_PART)
  if (parts > MOST_PARTS) return jpeg
  const segments = Array.from({ length: parts }, (_, n) => {
    const part = icc.subarray(n * LONGEST_PART, (n + 1) * LONGEST_PART)
    const head = Buffer.alloc(4)
    head.writeUInt16BE(0xff00 | APP2)
    head.writeUInt16BE(2 + NAME.length + 2 + part.length, 2)
    return Buffer.concat([head, Buffer.from(NAME, 'latin1'), Buffer.of(n + 1, parts), part])
  })
  const at = behindHeaders(jpeg)
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)])
}

/** Behind the segments APP0 and APP1, which readers expect first. */
function behindHeaders(jpeg: Buffer): number {
  let at = 2
  while (jpeg[at] === 0xff && (jpeg[at + 1] === 0xe0 || jpeg[at + 1] === 0xe1))
    at += 2 + jpeg.readUInt16BE(at + 2)
  return at
}
