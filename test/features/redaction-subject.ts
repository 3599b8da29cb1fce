import { applyTo, type Patch } from '../../src/features/privacy/redaction/patch.ts'
import { redactionOf } from '../../src/features/privacy/redaction/redactors.ts'

/** What has to be written over these bytes; null where nobody can say. Reads as a store gives, never beyond the end. */
export function patchesOf(mimeType: string, bytes: Buffer): Promise<readonly Patch[] | null> {
  return redactionOf(mimeType, {
    size: bytes.length,
    read: async (start, end) => {
      if (start < 0 || end < start || end >= bytes.length)
        throw new Error(`no such range: ${start}-${end} of ${bytes.length}`)
      return Buffer.from(bytes.subarray(start, end + 1))
    },
  })
}

/** The bytes with the patches written over them. */
export function patched(bytes: Buffer, patches: readonly Patch[]): Buffer {
  const result = Buffer.from(bytes)
  for (const patch of patches) applyTo(result, 0, patch)
  return result
}

/** The redacted bytes of a file that can be redacted. */
export async function redacted(mimeType: string, bytes: Buffer): Promise<Buffer> {
  const patches = await patchesOf(mimeType, bytes)
  if (!patches) throw new Error('the file cannot be redacted')
  return patched(bytes, patches)
}
