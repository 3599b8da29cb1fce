import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Database } from '../../../platform/db/database.ts'
import { CommitUnknownError } from '../../../platform/db/pg-errors.ts'
import { storageKey } from '../../../platform/storage/key.ts'
import type { BlobService, StagedBlob } from '../../blobs/blob.service.ts'
import { settleCommit } from '../../blobs/settle-commit.ts'
import { isQuotaExceeded } from '../../usage/usage.errors.ts'
import {
  type PictureFacts,
  type StoredVariant,
  TwinCame,
  type VariantOwner,
  type VariantRows,
} from './variant.rows.ts'

export interface NewVariant extends VariantOwner {
  /** What it is found by, beside its owner. */
  readonly name: string
  /** Where its bytes go. */
  readonly storeId: string
  /** Read to its end, or destroyed. */
  readonly body: Readable
  readonly mimeType: string
  /** Known when the last byte has come, at the latest. */
  readonly facts: Promise<PictureFacts>
  /** Given out where the account has no room to keep it: its bytes lie there for the rest of their lease, and nobody finds it again. */
  readonly isPassing?: boolean
}

interface WriterDeps {
  readonly database: Database
  readonly blobs: Pick<BlobService, 'stage' | 'write' | 'commit' | 'discard' | 'stateOf'>
  readonly rows: VariantRows
}

/** Stores variants as blobs like any other: all of it or nothing, whatever ends on the way. */
export class VariantWriter {
  constructor(private readonly deps: WriterDeps) {}

  /**
   * Announces the bytes of a variant; whoever does writes them, or gives them up. Whether there is room for them is asked when it is known
   * how many they are. Rejects with NOT_FOUND when the content is gone.
   */
  stage({ accountId, sha256, storeId }: VariantOwner & { readonly storeId: string }): Promise<StagedBlob> {
    return this.deps.blobs.stage({ accountId, storeId, reserve: 0, of: { sha256 } })
  }

  /** Gives up what was announced; does not reject. */
  async giveUp(staged: Promise<StagedBlob>): Promise<void> {
    const blob = await staged.catch(() => null)
    if (blob) await this.deps.blobs.discard(blob)
  }

  /**
   * The variant, durable when this resolves: this one, or a twin that came first. Rejects with what the body or the facts break off
   * with, LEASE_LOST, NOT_FOUND when the content is gone, storage errors, QUOTA_EXCEEDED, and CommitUnknownError while nobody can say what
   * became of it.
   */
  async write(variant: NewVariant, staged = this.stage(variant)): Promise<StoredVariant> {
    const { blobs, rows } = this.deps
    const { name, mimeType } = variant
    // Whoever breaks off first says why.
    variant.facts.catch(() => undefined)
    let blob: StagedBlob | null = null
    try {
      blob = await staged
      const hash = createHash('sha256')
      const body = Readable.from(hashed(variant.body, hash), { objectMode: false, highWaterMark: 1 })
      body.on('error', () => undefined)
      const { size } = await blobs.write(blob, body, { mimeType })
      const facts = await variant.facts
      const stored = { storeId: blob.storeId, key: storageKey(blob.key), size, ...facts }
      return await this.#commit(blob, variant, { ...stored, sha256: hash.digest('hex') }).catch(error => {
        if (variant.isPassing && isQuotaExceeded(error)) return stored
        throw error
      })
    } catch (error) {
      // While nobody knows what became of it, its bytes stay: the reaper finds out.
      if (blob && !(error instanceof CommitUnknownError)) await blobs.discard(blob)
      const twin = error instanceof TwinCame ? await rows.find(variant, name) : null
      if (twin) return twin
      throw error
    } finally {
      variant.body.destroy()
    }
  }

  async #commit(
    blob: StagedBlob,
    variant: NewVariant,
    { sha256, ...stored }: StoredVariant & { readonly sha256: string },
  ): Promise<StoredVariant> {
    const { database, blobs, rows } = this.deps
    const attempt = () =>
      database.transaction(async tx => {
        await blobs.commit(tx, blob, { size: stored.size, sha256 })
        await rows.insert(tx, { ...variant, blobId: blob.id }, stored)
        return stored
      })
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof CommitUnknownError)) throw error
      const find = () => rows.find(variant, variant.name)
      return await settleCommit({ error, stateOf: () => blobs.stateOf(blob.id), find, attempt })
    }
  }
}

async function* hashed(bytes: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
}
