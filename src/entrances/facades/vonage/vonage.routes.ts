import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { authorize } from '../../../features/access/policy.ts'
import type { Viewer } from '../../../features/access/viewer.ts'
import { conditionsOf } from '../../../features/delivery/content-request.ts'
import type { DeliveryService } from '../../../features/delivery/delivery.service.ts'
import { sendAnswer } from '../../../features/delivery/send-answer.ts'
import { mediaNotFound } from '../../../features/media/media.errors.ts'
import type { MediaRow } from '../../../features/media/media.row.ts'
import type { MediaService } from '../../../features/media/media.service.ts'
import type { MediaChanges } from '../../../features/media/media-changes.service.ts'
import type { MediaPages } from '../../../features/media/media-pages.ts'
import { declaredTypeIn } from '../../../features/upload/declared-type.ts'
import type { ImportService } from '../../../features/upload/import/import.service.ts'
import type { IngestService } from '../../../features/upload/ingest.service.ts'
import { uploadErrors } from '../../../features/upload/upload.errors.ts'
import type { Clock } from '../../../platform/clock.ts'
import { AppError, commonErrors } from '../../../platform/errors.ts'
import { canonicalUuid } from '../../../platform/lib/uuid7.ts'
import { viewerOf } from '../../http/request-viewer.ts'
import type { Facade } from '../facade.ts'
import { type Given, givenIn, text } from '../forms/given.ts'
import { readFields } from '../forms/read-fields.ts'
import { type FormFile, uploadForm } from '../forms/upload-form.ts'
import { refusal } from './errors.ts'
import { vonageDocument } from './openapi.ts'
import { ITEM_COLUMNS, type ItemRow, itemOf } from './wire/item.ts'
import { LIST_PATH, listWish, pageOf } from './wire/list.ts'
import { saidBeside, saidIn } from './wire/said.ts'

export interface VonageDeps {
  readonly media: Pick<MediaService, 'get'>
  readonly pages: Pick<MediaPages, 'at'>
  readonly changes: Pick<MediaChanges, 'update' | 'delete'>
  readonly delivery: Pick<DeliveryService, 'deliver'>
  readonly uploads: Pick<IngestService, 'ingest'> & { readonly mostBytes: number }
  readonly imports: Pick<ImportService, 'request'>
  readonly clock: Clock
}

type OfOne = FastifyRequest<{ Params: { id: string } }>

const idOf = ({ params }: OfOne): string => canonicalUuid(params.id)

const columns = new Set(ITEM_COLUMNS)

/** The Vonage Media API, version 3. */
export function vonageFacade(deps: VonageDeps): Facade {
  return { name: 'vonage', routes: base => vonageRoutes(deps, base), refusal, document: vonageDocument }
}

function vonageRoutes(deps: VonageDeps, base: () => string): FastifyPluginAsync {
  const list = async (request: FastifyRequest) => {
    const wish = listWish(givenIn(request.query as Record<string, unknown>), deps.clock.now())
    const viewer = authorize(viewerOf(request), 'list')
    const { index, size, order, filter } = wish
    const offset = index * size
    const { rows, total } = await deps.pages.at(viewer, { filter, order, offset, limit: size, columns })
    const items = rows.map(row => itemOf(row as ItemRow))
    const prefix = new URL(base()).pathname.replace(/\/$/, '')
    return pageOf(wish, { items, total, accountId: viewer.accountId, prefix })
  }

  const upload = async (request: FastifyRequest, reply: FastifyReply) => {
    const viewer = viewerOf(request)
    // Who may not upload is told so before the file is looked for.
    authorize(viewer, 'create')
    const { file, fields } = await uploadForm(request, 'filedata', deps.uploads.mostBytes)
    const row = await (file ? bring(viewer, file, fields) : fetched(viewer, fields))
    return reply
      .code(201)
      .header('location', `${base()}${LIST_PATH}/${row.id}/info`)
      .send(itemOf(row as ItemRow))
  }

  const bring = (viewer: Viewer, file: FormFile, fields: Given): Promise<MediaRow> =>
    deps.uploads.ingest({
      viewer,
      body: file.body,
      // Asked for when the bytes are there: a field may come behind them.
      get fileName() {
        return text(fields, 'filename') || file.fileName
      },
      declaredType: declaredTypeIn(file.declaredType),
      fields: () => {
        if (text(fields, 'url')) throw commonErrors.BAD_REQUEST('Send filedata or url, not both.')
        return saidBeside(fields)
      },
      door: 'vonage',
    })

  const fetched = (viewer: Viewer, fields: Given): Promise<MediaRow> => {
    const url = text(fields, 'url')
    if (!url) throw nothingToKeep()
    const fileName = text(fields, 'filename') || null
    return deps.imports.request({ viewer, url, fileName, fields: saidBeside(fields) })
  }

  const change = async (request: OfOne, reply: FastifyReply) => {
    const viewer = viewerOf(request)
    authorize(viewer, 'update')
    const fields = saidIn(await readFields(request))
    await deps.changes.update(viewer, { id: idOf(request), fields })
    return reply.code(204).send()
  }

  const content = async (request: OfOne, reply: FastifyReply) => {
    const viewer = viewerOf(request)
    const asked = { ...conditionsOf(request), viewer, mediaId: idOf(request) }
    const answer = await deps.delivery
      .deliver({ ...asked, download: false, asDeclared: true })
      .catch(error => {
        // Whoever may download nothing but what is public is told that, of whatever id.
        if (error instanceof AppError && error.code === 'NOT_FOUND') authorize(viewer, 'download')
        throw error
      })
    await sendAnswer(reply, answer)
  }

  return async (scope: FastifyInstance) => {
    for (const path of [LIST_PATH, `${LIST_PATH}/`]) {
      scope.get(path, list)
      scope.post(path, upload)
    }
    const item = `${LIST_PATH}/:id`
    scope.get(item, content)
    scope.delete(item, async (request: OfOne, reply) => {
      await deps.changes.delete(viewerOf(request), { id: idOf(request) }, { withoutTrash: true })
      return reply.code(204).send()
    })
    scope.put(item, change)
    scope.get(`${item}/info`, async (request: OfOne) => {
      const row = await deps.media.get(viewerOf(request), idOf(request), columns)
      if (!row) throw mediaNotFound(['id'])
      return itemOf(row as ItemRow)
    })
    scope.route({ method: ['PUT', 'POST'], url: `${item}/info`, handler: change })
  }
}

const nothingToKeep = () =>
  uploadErrors.FILE_MISSING('The form carries neither a file in its field filedata nor a url.', {
    field: ['filedata'],
  })
