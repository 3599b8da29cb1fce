import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'

/**
 * The body of a request, for who may give it up before its end. A request that is destroyed takes its connection along, and nobody
 * can be told why; this one merely is not read any further. Breaks off when the request does.
 */
export function requestBody(request: IncomingMessage): Readable {
  // One chunk at a time, and each as it came: see Meter.
  const body = new PassThrough({ highWaterMark: 1 })
  body.on('error', () => undefined)
  if (request.destroyed) return body.destroy()
  request.once('error', error => body.destroy(error))
  request.once('close', () => request.readableEnded || body.destroy())
  body.once('close', () => request.unpipe(body))
  return request.pipe(body)
}
