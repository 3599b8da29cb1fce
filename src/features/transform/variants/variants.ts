import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { NodeLocks } from '../../../platform/db/node-locks.ts'
import { commonErrors } from '../../../platform/errors.ts'
import { storageKey } from '../../../platform/storage/key.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { StagedBlob } from '../../blobs/blob.service.ts'
import { printRecipe, type Recipe } from '../recipe/recipe.ts'
import type { Renderer } from '../render/renderer.ts'
import { transformErrors } from '../transform.errors.ts'
import type { TransformTold } from '../transform.metrics.ts'
import { MadeBytes } from './made-bytes.ts'
import { mimeTypeOf } from './picture-format.ts'
import type { PictureFacts, StoredVariant, VariantOwner, VariantRows } from './variant.rows.ts'
import { isPictureItself, type PictureBytes, type PicturedContent } from './variant-source.ts'
import type { VariantWriter } from './variant-writer.ts'

/** The name of what stands for a content that is no picture itself: the first page, the poster. */
export const PREVIEW = 'preview'

/**
 * Whatever is made by another edition is another variant, since its bytes may differ: bytes of one ETag never do. It grows with each
 * change to how pictures are made, the version of sharp included.
 */
export const EDITION = { number: 1, sharp: '0.35.5' } as const

/** What a recipe is found by among the variants of a content. */
const nameOf = (recipe: Recipe): string => `${printRecipe(recipe)}@${EDITION.number}`

export interface VariantsDeps {
  readonly rows: VariantRows
  readonly writer: VariantWriter
  readonly renderer: Pick<Renderer, 'render'>
  readonly storage: Pick<Storage, 'readOrLost' | 'openFile'>
  readonly locks: Pick<NodeLocks, 'tryLock' | 'unlock'>
  readonly told: TransformTold
}

/** A picture that can be sent; with its bytes while they may not lie in the store yet. */
export interface Picture extends StoredVariant {
  readonly bytes?: Buffer
}

/** One variant that is being made, and how many wait for it. */
interface Making {
  /** Once it can be sent. */
  readonly made: Promise<Picture>
  /** Once it is durable. */
  readonly kept: Promise<StoredVariant>
  waiting: number
}

const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 1_000

/** Pictures made of contents: kept in the store, found by what they are made from, each made once however many ask for it at once. */
export class Variants {
  readonly #making = new Map<string, Making>()

  constructor(private readonly deps: VariantsDeps) {}

  /**
   * The picture of a content by a recipe with a format of its own; made when it is not there, and then given as soon as it can be sent:
   * it is stored meanwhile, and one that cannot be stored is made again for who asks next. What fails leaves nothing: who asks again
   * has it tried again. Rejects with NO_PICTURE, NOT_TRANSFORMABLE, RENDERERS_BUSY and storage errors. With the signal aborted, it is
   * not begun for this caller's sake; what has begun is finished, for the next one.
   */
  async get(content: PicturedContent, recipe: Recipe, signal?: AbortSignal): Promise<Picture> {
    return (await this.#known(content, recipe)) ?? this.#join(content, recipe, signal).made
  }

  /** As `get`, but durable when this resolves. */
  async keep(content: PicturedContent, recipe: Recipe, signal?: AbortSignal): Promise<StoredVariant> {
    return (await this.#known(content, recipe)) ?? this.#join(content, recipe, signal).kept
  }

  /** Stores a picture that stands for the content, which others are then made from; the first one stays. Rejects with QUOTA_EXCEEDED. */
  async put(
    content: VariantOwner & { readonly storeId: string },
    facts: PictureFacts,
    body: Readable,
  ): Promise<StoredVariant> {
    const { accountId, sha256, storeId } = content
    const { mimeType } = facts
    const known = await this.deps.rows.find(content, PREVIEW)
    if (known) body.destroy()
    return (
      known ??
      this.deps.writer.write({
        accountId,
        sha256,
        storeId,
        name: PREVIEW,
        body,
        mimeType,
        facts: Promise.resolve(facts),
      })
    )
  }

  /** The bytes that pictures of a content are made from: its own, or its preview's. Throws NO_PICTURE. */
  async source(content: PicturedContent): Promise<PictureBytes> {
    if (isPictureItself(content.mimeType)) return content
    const preview = await this.deps.rows.find(content, PREVIEW)
    if (preview) return preview
    throw transformErrors.NO_PICTURE('There is no picture of this media, or not yet.')
  }

  /** Resolves when nothing is being made any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#making.values()].map(({ kept }) => kept))
  }

  async #known(content: PicturedContent, recipe: Recipe): Promise<StoredVariant | null> {
    const { rows, told } = this.deps
    const known = await rows.find(content, nameOf(recipe))
    told.asked(known ? 'hit' : 'miss')
    return known
  }

  #join(content: PicturedContent, recipe: Recipe, signal: AbortSignal | undefined): Making {
    const key = `${content.accountId} ${content.sha256} ${nameOf(recipe)}`
    const making = this.#making.get(key) ?? this.#begin(key, content, recipe)
    const leave = () => {
      making.waiting--
    }
    if (signal?.aborted) return making
    making.waiting++
    signal?.addEventListener('abort', leave, { once: true })
    making.kept.finally(() => signal?.removeEventListener('abort', leave)).catch(() => undefined)
    return making
  }

  #begin(key: string, content: PicturedContent, recipe: Recipe): Making {
    const forget = () => {
      if (this.#making.get(key) === making) this.#making.delete(key)
    }
    const isWanted = () => {
      // Who comes from now on begins anew.
      if (making.waiting === 0) forget()
      return making.waiting > 0
    }
    const { promise: made, resolve: atHand, reject } = Promise.withResolvers<Picture>()
    // The caller has joined by the time that anybody asks whether it is wanted.
    const kept = Promise.resolve().then(() =>
      this.#onceAmongNodes(key, { content, recipe, isWanted, atHand }),
    )
    kept.then(atHand, reject)
    // Who waits hears of it; who was given the bytes is not concerned.
    made.catch(() => undefined)
    const making: Making = { made, kept: kept.finally(forget), waiting: 0 }
    making.kept.catch(() => undefined)
    this.#making.set(key, making)
    return making
  }

  /** Another node that makes the same is waited for by looking, so that nothing is held meanwhile. */
  async #onceAmongNodes(key: string, wanted: Wanted): Promise<StoredVariant> {
    const { locks, rows, told } = this.deps
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const isOurs = await locks.tryLock(key)
      try {
        // It may have come between the first look and the lock.
        const known = await rows.find(wanted.content, nameOf(wanted.recipe))
        if (known) return known
        if (isOurs) return await told.rendering(() => this.#make(wanted))
      } finally {
        // Behind whatever is asked of the locks before, and ahead of all that follows.
        if (isOurs) void locks.unlock(key)
      }
      if (!wanted.isWanted()) throw nobodyWaits()
      await delay(pause)
    }
  }

  async #make({ content, recipe, isWanted, atHand }: Wanted): Promise<StoredVariant> {
    const { renderer, storage, writer } = this.deps
    const source = await this.source(content)
    const stop = new AbortController()
    const mimeType = mimeTypeOf(recipe.format)
    const body = new MadeBytes()
    body.on('error', () => undefined)
    let staged: Promise<StagedBlob> | undefined
    const rendered = renderer.render({
      recipe,
      mimeType: source.mimeType,
      size: source.size,
      open: range => storage.readOrLost(source, range),
      openFile: () => storage.openFile(source),
      sink: body,
      isWanted,
      // Its row is made while the picture is, which takes longer.
      onTurn: () => {
        staged = writer.stage(content)
        staged.catch(() => undefined)
      },
      signal: stop.signal,
    })
    const facts = rendered.then(size => ({ ...size, mimeType }))
    facts.then(
      made => {
        body.end()
        const bytes = body.atHand
        if (bytes && staged) atHand(staged.then(blob => pictureOf(blob, made, bytes)))
      },
      error => body.destroy(error),
    )
    try {
      // A store that takes nothing ends none but those that are too large to be sent without it.
      await Promise.race([body.overflowed, facts])
    } catch (error) {
      if (staged) await writer.giveUp(staged)
      throw error
    }
    try {
      const { accountId, sha256, storeId } = content
      const variant = {
        accountId,
        sha256,
        storeId,
        name: nameOf(recipe),
        body,
        mimeType,
        facts,
        isPassing: true,
      }
      return await writer.write(variant, staged)
    } finally {
      stop.abort()
    }
  }
}

interface Wanted {
  readonly content: PicturedContent
  readonly recipe: Recipe
  isWanted(): boolean
  /** Told of it when it can be sent, ahead of when it is kept; not of one that is too large to be held. */
  atHand(picture: Promise<Picture>): void
}

const pictureOf = ({ storeId, key }: StagedBlob, facts: PictureFacts, bytes: Buffer): Picture => ({
  ...facts,
  storeId,
  key: storageKey(key),
  size: bytes.length,
  bytes,
})

const nobodyWaits = () =>
  commonErrors.SERVICE_UNAVAILABLE('Nobody waits for this picture any more.', { retryAfter: 1 })
