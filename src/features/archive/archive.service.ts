import type { PassThrough, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { AppError } from '../../platform/errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import type { Viewer } from '../access/viewer.ts'
import type { DeliverableContent } from '../delivery/deliverable.ts'
import type { ContentFinder, DeliveryService } from '../delivery/delivery.service.ts'
import { EntryNames } from './entry-names.ts'

/** The last entry of each archive: what is in it, and what was left out. */
export const MANIFEST = 'manifest.json'

interface Included {
  readonly id: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Null where the bytes are not those of the original. */
  readonly sha256: string | null
}

/** `code` and `reason` are those of the error that the media's own download would have answered with. */
interface LeftOut {
  readonly id: string
  readonly code: string
  readonly reason: string
}

export interface Manifest {
  readonly included: readonly Included[]
  readonly leftOut: readonly LeftOut[]
}

export interface ArchiveRequest {
  readonly viewer: Viewer
  /** As the client wrote them; what is named twice is packed once. */
  readonly mediaIds: readonly string[]
}

interface Opened {
  readonly content: DeliverableContent
  readonly bytes: Readable
}

/** Packs several media into one ZIP64 while it is sent: one file is open at a time, and none is held in memory. */
export class ArchiveService {
  constructor(
    private readonly deps: {
      readonly content: ContentFinder
      readonly delivery: Pick<DeliveryService, 'deliver'>
    },
  ) {}

  /**
   * The bytes of the archive. Each media is asked of the delivery service just before its bytes are packed; one that is refused
   * is left out, and the manifest says why. A file that breaks off makes the stream fail: an archive that ends is whole.
   * Destroying the stream closes what is open.
   */
  pack(request: ArchiveRequest): Readable {
    const zip = new ZipFile()
    const archive = zip.outputStream as PassThrough
    const fail = (error: unknown) => archive.destroy(error as Error)
    zip.on('error', fail)
    this.#fill(zip, request).then(() => zip.end(), fail)
    return archive
  }

  async #fill(zip: ZipFile, { viewer, mediaIds }: ArchiveRequest): Promise<void> {
    const names = new EntryNames([MANIFEST])
    const included: Included[] = []
    const leftOut: LeftOut[] = []
    for (const id of new Set(mediaIds)) {
      const opened = await this.#open(viewer, id)
      if (opened instanceof AppError) {
        leftOut.push({ id, code: opened.code, reason: opened.publicMessage })
        continue
      }
      const { fileName, size, etag, rewrite } = opened.content
      const name = names.next(fileName)
      await add(zip, opened, name)
      included.push({ id, name, size, sha256: rewrite ? null : etag })
    }
    const manifest: Manifest = { included, leftOut }
    zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), MANIFEST, { compress: false })
  }

  /** The granted and counted bytes of one media, or why there are none. */
  async #open(viewer: Viewer, mediaId: string): Promise<Opened | AppError> {
    const { content: finder, delivery } = this.deps
    try {
      const found = isUuid(mediaId) ? await finder.findContent(viewer, mediaId) : null
      const content = found?.state === 'live' ? found : null
      const { body } = await delivery.deliver({
        viewer,
        mediaId,
        // The bytes are those of the name, size and date that were read, also when the content is replaced just now.
        version: content?.contentVersion,
        download: true,
        // What has no content is refused; should it have come meanwhile, nothing has been counted yet.
        method: content ? 'GET' : 'HEAD',
        headers: {},
      })
      return content && body ? { content, bytes: await body.open() } : this.#open(viewer, mediaId)
    } catch (error) {
      if (error instanceof AppError) return error
      throw error
    }
  }
}

/** Adds one file as it is, since media are compressed already; resolves when all of its bytes have been taken. */
async function add(zip: ZipFile, { content, bytes }: Opened, name: string): Promise<void> {
  const close = () => bytes.destroy()
  zip.outputStream.once('close', close)
  try {
    if ((zip.outputStream as PassThrough).destroyed) close()
    else
      zip.addReadStream(bytes, name, { compress: false, size: content.size, mtime: content.contentUpdatedAt })
    await finished(bytes)
  } finally {
    zip.outputStream.off('close', close)
  }
}
