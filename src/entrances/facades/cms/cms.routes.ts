import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { authorize } from '../../../features/access/policy.ts'
import type { Viewer } from '../../../features/access/viewer.ts'
import type { MediaUrls } from '../../../features/delivery/signing/media-urls.ts'
import { mediaNotFound } from '../../../features/media/media.errors.ts'
import { NEWEST_FIRST } from '../../../features/media/media.order.ts'
import type { MediaRow } from '../../../features/media/media.row.ts'
import type { MediaService } from '../../../features/media/media.service.ts'
import type { MediaChanges } from '../../../features/media/media-changes.service.ts'
import type { MediaPages } from '../../../features/media/media-pages.ts'
import { declaredTypeIn } from '../../../features/upload/declared-type.ts'
import type { IngestService } from '../../../features/upload/ingest.service.ts'
import { canonicalUuid } from '../../../platform/lib/uuid7.ts'
import { viewerOf } from '../../http/request-viewer.ts'
import type { Facade } from '../facade.ts'
import { givenIn } from '../forms/given.ts'
import { noFile, uploadForm } from '../forms/upload-form.ts'
import { refusal } from './errors.ts'
import { cmsDocument } from './openapi.ts'
import { ITEM_COLUMNS, type ItemRow, itemOf, listWish } from './wire.ts'

export interface CmsDeps {
  readonly media: Pick<MediaService, 'get'>
  readonly pages: Pick<MediaPages, 'at'>
  readonly changes: Pick<MediaChanges, 'delete'>
  readonly uploads: Pick<IngestService, 'ingest'> & { readonly mostBytes: number }
  readonly urls: Pick<MediaUrls, 'lastingUrl'>
}

type OfOne = FastifyRequest<{ Params: { id: string } }>

const columns = new Set(ITEM_COLUMNS)

/** The media API of Contentive CMS. */
export function cmsFacade(deps: CmsDeps): Facade {
  return { name: 'cms', routes: () => cmsRoutes(deps), refusal, document: cmsDocument }
}

function cmsRoutes({ media, pages, changes, uploads, urls }: CmsDeps): FastifyPluginAsync {
  const shown = (viewer: Viewer, row: MediaRow) =>
    itemOf(row as ItemRow, urls.lastingUrl(viewer, row as ItemRow))

  const list = async (request: FastifyRequest) => {
    const { page, pageSize, filter } = listWish(givenIn(request.query as Record<string, unknown>))
    const viewer = viewerOf(request)
    const { rows, total } = await pages.at(viewer, {
      filter,
      order: NEWEST_FIRST,
      offset: (page - 1) * pageSize,
      limit: pageSize,
      columns,
    })
    return { data: rows.map(row => shown(viewer, row)), meta: { total, page, page_size: pageSize } }
  }

  return async (scope: FastifyInstance) => {
    for (const path of ['/api/media', '/api/media/']) {
      scope.get(path, list)
      scope.post(path, async (request, reply) => {
        const viewer = viewerOf(request)
        // Who may not upload is told so before the file is looked for.
        authorize(viewer, 'create')
        const { file } = await uploadForm(request, 'file', uploads.mostBytes)
        if (!file) throw noFile('file')
        const { body, fileName } = file
        const declaredType = declaredTypeIn(file.declaredType)
        const row = await uploads.ingest({ viewer, body, fileName, declaredType, fields: {}, door: 'cms' })
        return reply.code(201).send(shown(viewer, row))
      })
    }
    scope.get('/api/media/:id', async (request: OfOne) => {
      const viewer = viewerOf(request)
      const row = await media.get(viewer, canonicalUuid(request.params.id), columns)
      if (!row) throw mediaNotFound(['id'])
      return shown(viewer, row)
    })
    scope.delete('/api/media/:id', async (request: OfOne, reply) => {
      await changes.delete(
        viewerOf(request),
        { id: canonicalUuid(request.params.id) },
        { withoutTrash: true },
      )
      return reply.code(204).send()
    })
  }
}
