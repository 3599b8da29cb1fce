/** Run by Node itself in an isolated process: erasable TypeScript only. */

const TAG_TABLE = 128
const TAG_BYTES = 12
const MOST_TAGS = 100

/** A colour profile's name (ICC.1: tag `desc` as textDescriptionType or multiLocalizedUnicodeType); undefined where it is damaged. */
export function iccDescription(profile: Buffer): string | undefined {
  try {
    const count = Math.min(profile.readUInt32BE(TAG_TABLE), MOST_TAGS)
    for (let at = TAG_TABLE + 4; at < TAG_TABLE + 4 + count * TAG_BYTES; at += TAG_BYTES) {
      if (profile.toString('latin1', at, at + 4) !== 'desc') continue
      return description(profile.subarray(profile.readUInt32BE(at + 4)))
    }
  } catch {
    // It ends too early.
  }
  return undefined
}

function description(tag: Buffer): string {
  if (tag.toString('latin1', 0, 4) === 'desc') {
    return tag.toString('latin1', 12, 12 + tag.readUInt32BE(8)).replace(/\0.*$/s, '')
  }
  const [length, offset] = [tag.readUInt32BE(20), tag.readUInt32BE(24)]
  return Buffer.from(tag.subarray(offset, offset + length - (length % 2)))
    .swap16()
    .toString('utf16le')
}
