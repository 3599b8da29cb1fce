import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { accessErrors } from '../../../features/access/access.errors.ts'
import { authenticated, authorize } from '../../../features/access/policy.ts'
import type { Principal } from '../../../features/access/viewer.ts'
import { conditionsOf } from '../../../features/delivery/content-request.ts'
import type { DeliveryService } from '../../../features/delivery/delivery.service.ts'
import { sendAnswer } from '../../../features/delivery/send-answer.ts'
import { mediaNotFound } from '../../../features/media/media.errors.ts'
import type { MediaColumn } from '../../../features/media/media.row.ts'
import type { MediaChanges } from '../../../features/media/media-changes.service.ts'
import type { MediaNames } from '../../../features/media/media-names.ts'
import type { MediaPages } from '../../../features/media/media-pages.ts'
import type { IngestService } from '../../../features/upload/ingest.service.ts'
import { wholeBody } from '../../../features/upload/whole-body.ts'
import { AppError } from '../../../platform/errors.ts'
import { viewerOf } from '../../http/request-viewer.ts'
import type { Facade } from '../facade.ts'
import { refusal } from './errors.ts'
import { bandwidthDocument } from './openapi.ts'
import {
  cursorIn,
  itemOf,
  LISTED,
  LISTED_COLUMNS,
  type ListedRow,
  MOST,
  nameIn,
  OLDEST_FIRST,
  tokenOf,
} from './wire.ts'

export interface BandwidthDeps {
  readonly names: Pick<MediaNames, 'idOf'>
  readonly pages: Pick<MediaPages, 'after'>
  readonly changes: Pick<MediaChanges, 'delete'>
  readonly uploads: Pick<IngestService, 'put'>
  readonly delivery: Pick<DeliveryService, 'deliver'>
}

type OfAccount = FastifyRequest<{ Params: { accountId: string } }>

const LIST = '/api/v2/users/:accountId/media'
const columns = new Set<MediaColumn>(LISTED_COLUMNS)

/** Of what its uploader named no type of, nothing is guessed. */
const UNNAMED_TYPE = 'application/octet-stream'

/** The media API of Bandwidth Messaging. */
export function bandwidthFacade(deps: BandwidthDeps): Facade {
  return {
    name: 'bandwidth',
    routes: base => bandwidthRoutes(deps, base),
    refusal,
    document: bandwidthDocument,
  }
}

function bandwidthRoutes(
  { names, pages, changes, uploads, delivery }: BandwidthDeps,
  base: () => string,
): FastifyPluginAsync {
  const list = async (request: OfAccount, reply: FastifyReply) => {
    const viewer = principalOf(request)
    const { accountId } = viewer
    const { rows, next } = await pages.after(viewer, {
      filter: LISTED,
      order: OLDEST_FIRST,
      limit: MOST,
      columns,
      cursor: cursorIn(tokenIn(request), accountId),
    })
    if (next !== null) reply.header('Continuation-Token', tokenOf(next, accountId))
    const collection = base() + LIST.replace(':accountId', accountId)
    return rows.map(row => itemOf(row as ListedRow, collection))
  }

  return async (scope: FastifyInstance) => {
    const nameOf = ({ raw }: FastifyRequest) => nameIn(raw.url ?? '', scope.prefix)
    const find = (request: FastifyRequest, { accountId }: Principal) =>
      names.idOf({ accountId, name: nameOf(request) })

    for (const path of [LIST, `${LIST}/`]) scope.get(path, list)

    scope.get(`${LIST}/*`, async (request: OfAccount, reply) => {
      // Not even a public media is for everybody here.
      const viewer = authorize(principalOf(request), 'download')
      const mediaId = await find(request, viewer)
      if (mediaId === null) throw mediaNotFound()
      const asked = { ...conditionsOf(request), viewer, mediaId, download: false, asDeclared: true }
      await sendAnswer(reply, await delivery.deliver(asked))
    })

    scope.put(`${LIST}/*`, async (request: OfAccount, reply) => {
      const viewer = principalOf(request)
      const name = nameOf(request)
      const { declaredType = UNNAMED_TYPE, ...body } = wholeBody(request)
      const cacheControl = request.headers['cache-control'] ?? null
      await uploads.put({
        ...body,
        viewer,
        name,
        cacheControl,
        fileName: name,
        declaredType,
        door: 'bandwidth',
      })
      return reply.code(204).send()
    })

    scope.delete(`${LIST}/*`, async (request: OfAccount, reply) => {
      const viewer = authorize(principalOf(request), 'delete')
      const id = await find(request, viewer)
      if (id !== null) await changes.delete(viewer, { id }, { withoutTrash: true }).catch(unlessGone)
      return reply.code(204).send()
    })
  }
}

/** Who asks, signed in to the account of the path; to others it is all the same whether there is such an account. */
function principalOf(request: OfAccount): Principal {
  const viewer = authenticated(viewerOf(request))
  if (viewer.accountId === request.params.accountId) return viewer
  throw accessErrors.FORBIDDEN('This credential is of another account than the URL names.')
}

function tokenIn({ headers }: FastifyRequest): string | undefined {
  const token = headers['continuation-token']
  return Array.isArray(token) ? token[0] : token
}

/** To who may delete, what is gone, was never there, or is not theirs to see is all the same. */
function unlessGone(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error
}
