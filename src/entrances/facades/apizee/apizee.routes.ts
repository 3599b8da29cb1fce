import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { NumberedOwners } from '../../../features/access/numbered-owners.ts'
import { authorize, authorizeAdmin, can } from '../../../features/access/policy.ts'
import type { Principal, Viewer } from '../../../features/access/viewer.ts'
import { conditionsOf } from '../../../features/delivery/content-request.ts'
import type { DeliveryService } from '../../../features/delivery/delivery.service.ts'
import type { MediaHashes } from '../../../features/delivery/media-hashes.ts'
import { sendAnswer } from '../../../features/delivery/send-answer.ts'
import { mediaNotFound } from '../../../features/media/media.errors.ts'
import type { MediaFilter } from '../../../features/media/media.filter.ts'
import type { MediaRow } from '../../../features/media/media.row.ts'
import type { MediaService } from '../../../features/media/media.service.ts'
import type { MediaChanges } from '../../../features/media/media-changes.service.ts'
import type { MediaPages } from '../../../features/media/media-pages.ts'
import type { PresentChanges } from '../../../features/media/present-change.ts'
import { whenLeft } from '../../../features/transform/delivery/image.routes.ts'
import type { Thumbnails } from '../../../features/transform/delivery/thumbnails.ts'
import { viewerOf } from '../../http/request-viewer.ts'
import type { Facade } from '../facade.ts'
import { flag, givenIn } from '../forms/given.ts'
import { readFields } from '../forms/read-fields.ts'
import { refusal } from './errors.ts'
import { apizeeDocument } from './openapi.ts'
import { ITEM_COLUMNS, type ItemRow, itemOf } from './wire/item.ts'
import { type ListWish, listWish, nextOffset } from './wire/list.ts'
import { PRESENT_COLUMNS, updateWish } from './wire/update.ts'

export interface ApizeeDeps {
  readonly media: Pick<MediaService, 'getByNumber' | 'idOfNumber'>
  readonly pages: Pick<MediaPages, 'at'>
  readonly changes: Pick<MediaChanges, 'update' | 'delete'>
  readonly present: Pick<PresentChanges, 'update'>
  readonly owners: Pick<NumberedOwners, 'of'>
  readonly delivery: Pick<DeliveryService, 'deliver'>
  readonly hashes: Pick<MediaHashes, 'redeem'>
  readonly thumbnails: Pick<Thumbnails, 'having' | 'deliver'>
}

type Query = Record<string, unknown>
type OfOne = FastifyRequest<{ Params: { mediaId: string } }>
type Shown = FastifyRequest<{ Params: { mediaId: string; hash: string }; Querystring: Query }>

const columns = new Set(ITEM_COLUMNS)

/** The medias of Apizee's platform, v3. */
export function apizeeFacade(deps: ApizeeDeps): Facade {
  return { name: 'apizee', routes: base => apizeeRoutes(deps, base), refusal, document: apizeeDocument }
}

function apizeeRoutes(deps: ApizeeDeps, base: () => string): FastifyPluginAsync {
  const { media, pages, changes, present, delivery, hashes } = deps
  const items = itemsOf(deps, base)

  const list = async (request: FastifyRequest) => {
    const viewer = authorize(viewerOf(request), 'list')
    const wish = listWish(givenIn(request.query as Query))
    const { offset, limit, order } = wish
    const filter = { ...wish.filter, ...whoseOf(viewer, wish) }
    const { rows, total } = await pages.at(viewer, { filter, order, offset, limit, columns })
    return { total, next_offset: nextOffset(wish, total), data: await items(viewer, rows) }
  }

  const idFor = async (request: OfOne, action: 'update' | 'delete' | 'download') => {
    const id = await media.idOfNumber(viewerOf(request), numberOf(request.params.mediaId), action)
    if (id === null) throw mediaNotFound(['mediaId'])
    return id
  }

  return async (scope: FastifyInstance) => {
    scope.get('/api/v3/medias', list)
    scope.get('/api/v3/medias/', list)
    scope.get('/api/v3/medias/:mediaId', async (request: OfOne) => {
      const viewer = viewerOf(request)
      const row = await media.getByNumber(viewer, numberOf(request.params.mediaId), columns)
      if (!row) throw mediaNotFound(['mediaId'])
      return (await items(viewer, [row]))[0]
    })
    scope.get('/api/v3/medias/:mediaId/download', async (request: OfOne, reply) => {
      const mediaId = await idFor(request, 'download')
      const asked = { ...conditionsOf(request), viewer: viewerOf(request), mediaId, download: true }
      await sendAnswer(reply, await delivery.deliver(asked))
    })
    scope.put('/api/v3/medias/:mediaId', async (request: OfOne) => {
      const viewer = viewerOf(request)
      // Who may change nothing is told so before what they say is looked at.
      authorize(viewer, 'update')
      const said = givenIn(request.query as Query).with(await readFields(request))
      const { fields, joined } = updateWish(said)
      const id = await idFor(request, 'update')
      const row = joined
        ? await present.update(viewer, { id, columns: PRESENT_COLUMNS, fields: joined })
        : await changes.update(viewer, { id, fields })
      return (await items(viewer, [row]))[0]
    })
    scope.delete('/api/v3/medias/:mediaId', async (request: OfOne) => {
      await changes.delete(viewerOf(request), { id: await idFor(request, 'delete') }, { permanent: true })
      return []
    })
    scope.get(
      '/media/showVideo/:mediaId/hash/:hash',
      { config: { isOpen: true } },
      async (request: Shown, reply) => {
        const wantsThumbnail = flag(givenIn(request.query), 'thumbnail') ?? false
        const viewer = await hashes.redeem({ number: numberOf(request.params.mediaId) }, request.params.hash)
        if (!viewer) throw mediaNotFound(['mediaId'])
        const asked = { ...conditionsOf(request), viewer, mediaId: viewer.mediaId, download: false }
        const { accept } = request.headers
        const answer = wantsThumbnail
          ? await deps.thumbnails.deliver(asked, { accept, signal: whenLeft(reply) })
          : await delivery.deliver(asked)
        await sendAnswer(reply, answer)
      },
    )
  }
}

/** Shows media to a viewer who may read them. */
function itemsOf({ owners, thumbnails }: ApizeeDeps, base: () => string) {
  return async (viewer: Viewer, rows: readonly MediaRow[]): Promise<object[]> => {
    const media = rows as readonly ItemRow[]
    const [first] = media
    if (!first) return []
    const ownerIds = media.map(({ ownerId }) => ownerId)
    const [known, having] = await Promise.all([
      owners.of(first.accountId, ownerIds),
      thumbnails.having(media),
    ])
    return media.map(each =>
      itemOf(each, {
        base: base(),
        // Behind every id there is an owner, and the account behind none.
        owner: known.get(each.ownerId) as NonNullable<ReturnType<typeof known.get>>,
        hasThumbnail: having.has(each.id),
        mayDownload: can(viewer, 'download', each),
      }),
    )
  }
}

/** Ids are whole numbers as one writes them; anything else is the number of nothing. */
const numberOf = (text: string): number => (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0)

/** Without a word of it, the media of the user whom the credential acts for, where it acts for one; throws FORBIDDEN for `all`. */
function whoseOf(viewer: Principal, { whose, isShared }: ListWish): MediaFilter {
  if (whose === 'all') authorizeAdmin(viewer)
  else if (whose !== null) return { ownerNumber: whose }
  return viewer.ownerId !== null && whose === null && !isShared ? { own: true } : {}
}
