import type { EntityManager } from 'typeorm'
import { AppError } from '../../platform/errors.ts'
import { authorize } from '../access/policy.ts'
import type { Principal, Viewer } from '../access/viewer.ts'
import { nameTaken } from '../media/media.errors.ts'
import { type MediaFields, mediaColumns } from '../media/media.fields.ts'
import { ALL_COLUMNS, type MediaRow } from '../media/media.row.ts'
import { lockByName, type MediaNames } from '../media/media-names.ts'
import type { MediaWriter } from '../media/media-writer.ts'
import type { Entry, NewMedia } from './new-media.ts'
import type { Purpose } from './purpose.ts'
import type { NewContent } from './replacement.ts'

/** What a name stands for from now on. */
export interface NamedContent {
  /** As `shownName` writes it. */
  readonly name: string
  /** Of the content; null says nothing, and takes back what was said of the one before. */
  readonly cacheControl: string | null
}

/** Bytes for a name: a media that is called so gets them as its next content, otherwise they become one. */
export class NamedMedia {
  constructor(
    private readonly deps: {
      readonly names: Pick<MediaNames, 'idOf'>
      readonly newMedia: Pick<NewMedia, 'purpose' | 'again'>
      readonly newContent: Pick<NewContent, 'purpose'>
      readonly writer: Pick<MediaWriter, 'write'>
    },
  ) {}

  /**
   * Throws UNAUTHENTICATED, FORBIDDEN for who may neither create nor replace, INVALID_INPUT; `check` and `write` reject as a new media
   * does or as a new content does, and with NAME_TAKEN for a media that the viewer does not reach.
   */
  purpose(asker: Viewer, { name, cacheControl }: NamedContent, entry: Pick<Entry, 'door'>): Purpose {
    const viewer = authorizeToPut(asker)
    const named = { accountId: viewer.accountId, name }
    const fields: MediaFields = { name, cacheControl }
    const said = mediaColumns(fields).cacheControl as string | null
    const purposeOf = (id: string | null): Purpose =>
      id === null
        ? this.deps.newMedia.purpose(viewer, fields, entry)
        : this.deps.newContent.purpose(viewer, { id })
    let isNewItem = true
    const check = async (): Promise<void> => {
      const id = await this.deps.names.idOf(named)
      isNewItem = id === null
      try {
        await purposeOf(id).check()
      } catch (error) {
        if (!isNotFound(error)) throw error
        // What somebody does not see is still called so; what has gone in between is not.
        if ((await this.deps.names.idOf(named)) === id) throw nameTaken(error)
        await check()
      }
    }
    return {
      viewer,
      get isNewItem() {
        return isNewItem
      },
      check,
      // One after the other: the transaction has made its account wait for it already (`ArrivedContent.items`), so of two for
      // one new name the second finds what the first has made.
      write: async (tx, arrived) => {
        const id = await lockByName(tx, named)
        const media = await purposeOf(id)
          .write(tx, arrived)
          // It is locked, so it is there.
          .catch(error => {
            throw isNotFound(error) ? nameTaken(error) : error
          })
        return this.#cached(tx, media, said)
      },
      again: id => this.deps.newMedia.again(viewer, id),
    }
  }

  /** What was said of the content before is not said of this one: a change like any other, with its own event. */
  async #cached(tx: EntityManager, media: MediaRow, cacheControl: string | null): Promise<MediaRow> {
    if (media.cacheControl === cacheControl) return media
    const patch = { id: media.id, columns: { cacheControl }, own: {} }
    const written = await this.deps.writer.write(tx, [patch], {
      accountId: media.accountId as string,
      event: 'media.updated',
      returning: ALL_COLUMNS,
    })
    return written.get(media.id) as MediaRow
  }
}

/** Which of the two is needed turns out with the name. */
function authorizeToPut(asker: Viewer): Principal {
  try {
    return authorize(asker, 'replace')
  } catch {
    return authorize(asker, 'create')
  }
}

const isNotFound = (error: unknown): boolean => error instanceof AppError && error.code === 'NOT_FOUND'
