import { pipeline, type Readable } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import { commonErrors } from '../../platform/errors.ts'
import type { Fault } from '../../platform/fault.ts'
import type { WriteHints } from '../../platform/storage/driver.ts'
import type { BlobService, StagedBlob } from '../blobs/blob.service.ts'
import type { MediaDoor } from '../media/media-door.ts'
import { type Measured, Meter, nowhere } from './meter.ts'
import type { TypeHints } from './sniff/sniffed-type.ts'
import { createSniffer } from './sniff/sniffer.ts'
import type { TypeCheck } from './type-check.ts'

/** Bytes on their way in, and what their sender says about them. */
export interface Incoming {
  /** Read to its end, or destroyed when the upload fails. Its chunks are used up: who keeps one may find it empty. */
  readonly body: Readable
  readonly fileName: string | undefined
  readonly declaredType: string | undefined
  /** By which rules of types may go. */
  readonly door: MediaDoor
  /** Bytes that the client announced, if it did: refused early when too many, never believed. */
  readonly declaredSize?: number
  readonly signal?: AbortSignal
  /** Sees every chunk as it comes, before it is used up. */
  readonly onChunk?: (chunk: Buffer) => void
}

/** What is known of bytes that the store has. */
export interface Received extends Measured {
  /** What the bytes are, whatever they were called. */
  readonly mimeType: string
}

/** Steps U2 and U3 of the write protocol: bytes flow to their blob, and are counted, hashed, held to the limit and looked at. */
export class Reception {
  constructor(
    private readonly deps: {
      readonly blobs: Pick<BlobService, 'write' | 'roomOf'>
      readonly types: Pick<TypeCheck, 'admit'>
      readonly fault: Fault
    },
  ) {}

  /**
   * Rejects with FILE_TOO_LARGE beyond `limit` bytes or what the true type may have, UNSUPPORTED_TYPE, LEASE_LOST, what the body breaks off with, a
   * storage error, or QUOTA_EXCEEDED before more is written than the account has room for.
   */
  async receive(blob: StagedBlob, incoming: Incoming, limit: number): Promise<Received> {
    const { fault, blobs, types } = this.deps
    const sniffer = createSniffer(incoming)
    const room = blobs.roomOf(blob)
    const onChunk = (chunk: Buffer, total: number) => {
      sniffer.push(chunk)
      incoming.onChunk?.(chunk)
      const asked = room(total)
      return asked ? asked.then(() => fault.hit('U2.bytes', total)) : fault.hit('U2.bytes', total)
    }
    const meter = new Meter({ limit, onChunk })
    pipeline(incoming.body, meter, error => error && meter.destroy(error))
    // What will be refused at its end need not come to it.
    let isOver = false
    void sniffer.type.then(({ mimeType }) => {
      if (isOver) return
      try {
        meter.narrow(types.admit({ accountId: blob.accountId, door: incoming.door, mimeType }).maxSize)
      } catch (error) {
        meter.destroy(error as Error)
      }
    })
    await fault.hit('U2.start')
    const hints: WriteHints = {
      size: incoming.declaredSize,
      mimeType: incoming.declaredType,
      ownsChunks: true,
      signal: incoming.signal,
    }
    const { size } = await blobs.write(blob, meter, hints)
    isOver = true
    sniffer.end()
    const measured = meter.result()
    checkSize(measured, size)
    await fault.hit('U3.done')
    return { ...measured, mimeType: (await sniffer.type).mimeType }
  }

  /**
   * The same of so many bytes that lie in the store already, by reading them once. Rejects with what they break off with, and with
   * SERVICE_UNAVAILABLE when they are another number.
   */
  async inspect(
    bytes: AsyncIterable<Buffer>,
    { size, ...hints }: TypeHints & { readonly size: number },
  ): Promise<Received> {
    const sniffer = createSniffer(hints)
    const meter = new Meter({ limit: Number.MAX_SAFE_INTEGER, onChunk: chunk => sniffer.push(chunk) })
    await pipelined(bytes, meter, nowhere())
    sniffer.end()
    const measured = meter.result()
    checkSize(measured, size)
    return { ...measured, mimeType: (await sniffer.type).mimeType }
  }
}

/** Whoever counted otherwise, it was not the client. */
export function checkSize(measured: Measured, size: number): void {
  if (measured.size !== size)
    throw commonErrors.SERVICE_UNAVAILABLE('The store lost bytes. Upload the file again.')
}
