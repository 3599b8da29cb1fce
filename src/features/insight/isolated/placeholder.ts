/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Placeholder } from '../file-facts.ts'

/** Longest side of what is looked at; thumbhash takes no more. */
const LONGEST_SIDE = 100
/** Bits of a channel that tell colours apart. */
const BITS = 4

/** Decodes a picture and says what stands for it; rejects with the decoder's error. */
export async function placeholderOf(image: Sharp): Promise<Placeholder> {
  const { data, info } = await image
    .autoOrient()
    .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const thumbhash = Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64')
  return { thumbhash, dominantColor: dominantColor(data) }
}

/** The mean of the most frequent shade; what is transparent does not count, and white stands for nothing at all. */
export function dominantColor(rgba: Uint8Array): string {
  const shades = new Map<number, [number, number, number, number]>()
  let most: [number, number, number, number] | null = null
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4)
    if (alpha < 128) continue
    const shade = [red, green, blue].reduce((key, value) => (key << BITS) | (value >> (8 - BITS)), 0)
    const sum = shades.get(shade) ?? [0, 0, 0, 0]
    shades.set(shade, sum)
    sum[0] += 1
    sum[1] += red
    sum[2] += green
    sum[3] += blue
    if (!most || sum[0] > most[0]) most = sum
  }
  const [count, ...sums] = most ?? [1, 255, 255, 255]
  return `#${sums
    .map(sum =>
      Math.round(sum / count)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}
