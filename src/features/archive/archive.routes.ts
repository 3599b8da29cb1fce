import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { commonErrors } from '../../platform/errors.ts'
import { contentDisposition } from '../../platform/lib/content-disposition.ts'
import { authorize } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import type { ArchiveService } from './archive.service.ts'

const MOST_MEDIA = 1_000

/** `POST /media/archive` with `{ "ids": […], "fileName": "…" }`: up to 1 000 media as one ZIP, for whoever has a credential. */
export function archiveRoutes(deps: {
  service: Pick<ArchiveService, 'pack'>
  viewerOf: (request: FastifyRequest) => Viewer
}): FastifyPluginAsync {
  return async fastify => {
    fastify.post('/media/archive', async (request, reply) => {
      const viewer = authorize(deps.viewerOf(request), 'download')
      const { mediaIds, fileName } = inputOf(request.body)
      const archive = deps.service.pack({ viewer, mediaIds })
      archive.once('error', error => {
        request.log.error({ err: error }, 'the archive broke off; the connection was cut')
      })
      return reply
        .headers({
          'content-type': 'application/zip',
          'content-disposition': contentDisposition('attachment', fileName),
          'cache-control': 'private, no-store',
        })
        .send(archive)
    })
  }
}

function inputOf(body: unknown): { mediaIds: readonly string[]; fileName: string } {
  const { ids, fileName = 'media.zip' } = (body ?? {}) as { ids?: unknown; fileName?: unknown }
  const isList = Array.isArray(ids) && ids.every(id => typeof id === 'string')
  if (!isList || ids.length === 0) {
    throw commonErrors.BAD_REQUEST('Send JSON with the ids of the media, as in {"ids": ["…"]}.', {
      field: ['ids'],
    })
  }
  if (ids.length > MOST_MEDIA) {
    throw commonErrors.BAD_REQUEST(`An archive takes ${MOST_MEDIA} media; ask for the rest in another one.`, {
      field: ['ids'],
      details: { limit: MOST_MEDIA, actual: ids.length },
    })
  }
  if (typeof fileName !== 'string' || fileName === '') {
    throw commonErrors.BAD_REQUEST('fileName is the name to save the archive under, as in "holiday.zip".', {
      field: ['fileName'],
    })
  }
  return { mediaIds: ids, fileName: /\.zip$/i.test(fileName) ? fileName : `${fileName}.zip` }
}
