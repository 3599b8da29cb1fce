import type { FastifyRequest } from 'fastify'
import { commonErrors } from '../../platform/errors.ts'
import { networkOf } from '../../platform/lib/network-of.ts'
import type { DeliveryRequest } from './delivery.service.ts'

export type ContentQuery = Readonly<Record<string, string | string[] | undefined>>

/** What the doors of content read from a request alike; throws BAD_REQUEST. */
export function contentRequest(
  request: FastifyRequest<{ Querystring: ContentQuery }>,
): Pick<DeliveryRequest, 'method' | 'download' | 'headers' | 'client'> {
  return { ...conditionsOf(request), download: downloadOf(request.query.download) }
}

/** The same but for what the query says, for doors whose query says other things. */
export function conditionsOf(
  request: FastifyRequest,
): Pick<DeliveryRequest, 'method' | 'headers' | 'client'> {
  return {
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    headers: request.headers,
    client: `${networkOf(request.ip)} ${request.headers['user-agent'] ?? ''}`,
  }
}

/** The bare flag means yes. */
const FLAG = new Map([
  ['', true],
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])

function downloadOf(download: ContentQuery[string]): boolean {
  if (download === undefined) return false
  const flag = typeof download === 'string' ? FLAG.get(download) : undefined
  if (flag !== undefined) return flag
  throw commonErrors.BAD_REQUEST('download is 1 or true to save the file, 0 or false to show it.', {
    field: ['download'],
  })
}
