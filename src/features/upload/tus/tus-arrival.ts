import { Readable } from 'node:stream'
import type { Fault } from '../../../platform/fault.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { BlobService, StagedBlob } from '../../blobs/blob.service.ts'
import type { Arrival } from '../commitment.ts'
import { checkSize, type Received, type Reception } from '../reception.ts'
import type { RunningHashes } from './running-hashes.ts'
import type { TusRow } from './tus.row.ts'
import type { TusSaid } from './tus-fields.ts'

export interface TusArrivalDeps {
  readonly storage: Pick<Storage, 'resumableOf' | 'bytesOf' | 'canJoin' | 'join'>
  readonly blobs: Pick<BlobService, 'stage' | 'hold' | 'holding' | 'discard'>
  readonly reception: Pick<Reception, 'receive' | 'inspect'>
  readonly hashes: Pick<RunningHashes, 'take'>
  readonly fault: Fault
}

export interface TusArrived extends Arrival {
  /** Where the bytes came to, if they were copied from there: it goes when the copy has an owner. */
  readonly source: StagedBlob | null
}

/** Where bytes go. */
export interface Place {
  readonly accountId: string
  readonly storeId: string
}

/** What is said of the bytes, and whose rules hold for them: those of tickets for what a ticket is waiting for. */
export type TusArriving = Pick<TusSaid, 'fileName' | 'declaredType'> & { readonly door: 'tus' | 'ticket' }

interface Copied extends Place {
  readonly size: number
  readonly blobs: readonly StagedBlob[]
}

/** Makes one object of what came in pieces, and learns what it is. */
export class TusArrivals {
  constructor(private readonly deps: TusArrivalDeps) {}

  /**
   * A whole upload's bytes where they came to, without a copy, and without reading them again when this node has seen them all. An
   * upload that was torn is copied on the way: whoever lost its lock may still hold the old object open.
   */
  async ofWhole(upload: TusRow, said: TusArriving): Promise<TusArrived> {
    const { storage, reception, hashes, fault } = this.deps
    const { blob, handle } = upload
    if (!blob || handle === null) throw new Error(`upload ${upload.id} has no bytes`)
    const { size } = await storage.resumableOf(blob.storeId).complete(handle)
    await fault.hit('T2.complete')
    if (upload.isTorn) return { ...(await this.#copy({ ...blob, size, blobs: [blob] }, said)), source: blob }
    const running = hashes.take(upload.id, size, said)
    if (!running)
      return {
        blob,
        source: null,
        received: await reception.inspect(storage.bytesOf(blob), { ...named(said), size }),
        ...named(said),
      }
    running.sniffer.end()
    const { mimeType } = await running.sniffer.type
    const received: Received = { size, sha256: running.hash.digest('hex'), mimeType }
    return { blob, source: null, received, ...named(said) }
  }

  /**
   * The bytes of parts, one after the other, in an object of their own: joined within the store and read once where it can do
   * that, else copied and hashed in one pass.
   */
  async ofParts(parts: readonly TusRow[], place: Place, said: TusArriving): Promise<TusArrived> {
    const size = parts.reduce((sum, { length }) => sum + (length ?? 0), 0)
    const joined = await this.#join(parts, { ...place, size }, said)
    if (joined) return { ...joined, source: null }
    const blobs = parts.flatMap(({ blob }) => blob ?? [])
    return { ...(await this.#copy({ ...place, size, blobs }, said)), source: null }
  }

  async #join(
    parts: readonly TusRow[],
    { accountId, storeId, size }: Place & { readonly size: number },
    said: TusArriving,
  ): Promise<Arrival | null> {
    const { storage, blobs, reception } = this.deps
    const sources = parts.flatMap(({ blob, length }) =>
      blob?.storeId === storeId ? [{ blob, key: blob.key, size: length ?? 0 }] : [],
    )
    if (!storage.canJoin(storeId) || sources.length < parts.length) return null
    const blob = await blobs.stage({ accountId, storeId, reserve: 0, copies: sources.map(part => part.blob) })
    try {
      // A part that is named twice is held once.
      if (blob.held < size) await blobs.hold(blob, size)
      return await blobs.holding([blob], async () => {
        if (await storage.join(blob, sources)) {
          const received = await reception.inspect(storage.bytesOf(blob), { ...named(said), size })
          return { blob, received, ...named(said) }
        }
        await blobs.discard(blob)
        return null
      })
    } catch (error) {
      await blobs.discard(blob)
      throw error
    }
  }

  async *#inOrder(blobs: readonly StagedBlob[]): AsyncGenerator<Buffer> {
    for (const blob of blobs) yield* this.deps.storage.bytesOf(blob)
  }

  async #copy({ accountId, storeId, size, blobs: sources }: Copied, said: TusArriving): Promise<Arrival> {
    const { blobs, reception } = this.deps
    const body = Readable.from(this.#inOrder(sources), { objectMode: true, highWaterMark: 1 })
    const blob = await blobs.stage({ accountId, storeId, reserve: 0, copies: sources })
    try {
      const incoming = { body, declaredSize: size, ...named(said) }
      const received = await reception.receive(blob, incoming, size)
      checkSize(received, size)
      return { blob, received, ...named(said) }
    } catch (error) {
      await blobs.discard(blob)
      throw error
    }
  }
}

const named = ({ fileName, declaredType, door }: TusArriving) => ({ fileName, declaredType, door })
