/**
 * The process in which images are decoded: it may crash, hang or swell, and is ended when it does. It is given bytes alone: no
 * file name, and nothing of the gateway's environment. Standard input carries a length (4 bytes, big-endian) and that many bytes for each request; standard
 * output one line of JSON for each answer. Run by Node itself: erasable TypeScript only.
 */
import { writeSync } from 'node:fs'
import sharp from 'sharp'
import type { DecoderAnswer } from './decoder-answer.ts'

const LENGTH_BYTES = 4
const MEMORY_CHECK_MS = 25

const [memoryBytes, maxPixels] = process.argv.slice(2).map(Number) as [number, number]

sharp.cache(false)
sharp.concurrency(1)
// Only these loaders, whatever the bytes pretend to be: no SVG, no PDF, nothing that reads other files.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(format => `VipsForeignLoad${format}Buffer`),
})

async function read(image: Buffer): Promise<DecoderAnswer> {
  try {
    const decoder = sharp(image, { failOn: 'none', limitInputPixels: maxPixels, unlimited: false })
    const { width, height } = (await decoder.metadata()).autoOrient
    return { width, height }
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 200) : String(error)
    return { reason: detail.includes('exceeds pixel limit') ? 'pixel-limit' : 'unreadable', detail }
  }
}

function answer(given: DecoderAnswer): void {
  writeSync(process.stdout.fd, `${JSON.stringify(given)}\n`)
}

/** An orderly exit would wait for the decoder's threads. */
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

function checkMemory(): void {
  if (process.memoryUsage.rss() <= memoryBytes) return
  answer({ reason: 'memory' })
  die()
}

const length = Buffer.alloc(LENGTH_BYTES)
let lengthFilled = 0
let image = Buffer.alloc(0)
let imageFilled = 0

function take(chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) {
    if (lengthFilled < LENGTH_BYTES) {
      length[lengthFilled++] = chunk[at++] ?? 0
      if (lengthFilled === LENGTH_BYTES) image = Buffer.allocUnsafe(length.readUInt32BE())
      continue
    }
    const copied = chunk.copy(image, imageFilled, at)
    at += copied
    imageFilled += copied
    if (imageFilled < image.length) continue
    const whole = image
    lengthFilled = imageFilled = 0
    image = Buffer.alloc(0)
    void read(whole).then(given => {
      checkMemory()
      answer(given)
    })
  }
}

process.stdin.on('data', take)
// Input ends when the gateway does, however it ends.
for (const event of ['end', 'close', 'error']) process.stdin.on(event, die)
// Ctrl+C reaches the whole terminal; the gateway decides when its decoders end.
process.on('SIGINT', () => undefined)
setInterval(checkMemory, MEMORY_CHECK_MS)
