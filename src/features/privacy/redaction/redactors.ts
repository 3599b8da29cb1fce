import { ByteSource, type ReadRange } from './byte-source.ts'
import { redactGif } from './gif.ts'
import { RedactionImpossible } from './impossible.ts'
import { redactIsoMedia } from './iso-media.ts'
import { redactJpeg } from './jpeg.ts'
import type { Patch } from './patch.ts'
import { redactPng } from './png.ts'
import { Region } from './region.ts'
import { redactTiff } from './tiff.ts'
import { redactWebp } from './webp.ts'

/** Grows when a redactor takes out more than before: what an older one found is found anew. */
export const REDACTION_METHOD = 1

type Redactor = (file: Region) => Promise<void>

/** By the true type. A redactor knows what may stay, not what must go: what is invented later does not get through. */
const REDACTORS = {
  'image/jpeg': redactJpeg,
  'image/png': redactPng,
  'image/apng': redactPng,
  'image/gif': redactGif,
  'image/webp': redactWebp,
  'image/tiff': redactTiff,
  'image/avif': redactIsoMedia,
  'image/heic': redactIsoMedia,
  'image/heif': redactIsoMedia,
  'image/heic-sequence': redactIsoMedia,
  'image/heif-sequence': redactIsoMedia,
  'video/mp4': redactIsoMedia,
  'video/quicktime': redactIsoMedia,
  'video/x-m4v': redactIsoMedia,
  'video/3gpp': redactIsoMedia,
  'video/3gpp2': redactIsoMedia,
  'audio/mp4': redactIsoMedia,
} satisfies Record<string, Redactor>

/** What could say something by its type, but nobody writes it into: served as it is. */
const HARMLESS = new Set(['image/bmp', 'image/x-icon', 'image/vnd.microsoft.icon', 'audio/midi'])

/** Films whose types are not called so. */
const FILMS = new Set([
  'application/mxf',
  'application/ogg',
  'application/vnd.ms-asf',
  'application/vnd.rn-realmedia',
  'application/vnd.rn-realmedia-vbr',
])

/** `redactable`: see `redactionOf` · `doubtful`: may say where and with what it was made, and nothing can be taken out · `plain`: says nothing */
export type Redactability = 'redactable' | 'doubtful' | 'plain'

export function redactabilityOf(mimeType: string): Redactability {
  if (Object.hasOwn(REDACTORS, mimeType)) return 'redactable'
  if (HARMLESS.has(mimeType)) return 'plain'
  return /^(?:image|video|audio)\//.test(mimeType) || FILMS.has(mimeType) ? 'doubtful' : 'plain'
}

/**
 * What has to be written over a file of a redactable type so that it says neither where nor with what it was made; null for one that is
 * damaged or built in a way that nobody can be sure of. Reads parts of the file, or all of it once; rejects with what reading rejects with.
 */
export async function redactionOf(
  mimeType: string,
  { size, read }: { readonly size: number; readonly read: ReadRange },
): Promise<readonly Patch[] | null> {
  const file = Region.of(new ByteSource(size, read))
  try {
    await REDACTORS[mimeType as keyof typeof REDACTORS](file)
    return file.patches()
  } catch (error) {
    if (error instanceof RedactionImpossible || isCutOff(error)) return null
    throw error
  }
}

/** Whether a number was asked of a buffer that ends before it: the file is shorter than it says. */
const isCutOff = (error: unknown): boolean =>
  /^ERR_(?:OUT_OF_RANGE|BUFFER_OUT_OF_BOUNDS)$/.test(String((error as NodeJS.ErrnoException).code))
