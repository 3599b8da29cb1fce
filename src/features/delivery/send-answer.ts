import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { releaseChunk } from '../../platform/lib/release-chunk.ts'
import type { DeliveryAnswer } from './delivery.service.ts'

/**
 * Sends what the delivery service decided. From the header on the connection belongs to the content: when the store fails
 * midway the connection is cut, so that the client sees a body that is too short, never another answer. A client that leaves
 * closes the stream at once.
 */
export async function sendAnswer(
  reply: FastifyReply,
  { status, headers, body }: DeliveryAnswer,
): Promise<void> {
  // Opened before any header is set: an error that is thrown here must not go out under the headers of the content.
  const stream = await body?.open()
  reply.code(status).headers({ ...headers, ...mergedVary(reply, headers.vary) })
  if (!body || !stream) {
    reply.send()
    await reply
    return
  }

  reply.hijack()
  if (reply.raw.destroyed) {
    stream.destroy()
    return
  }
  reply.raw.statusCode = status
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
  try {
    await sendExactly(stream, reply.raw, body.length)
  } catch (error) {
    logBrokenOff(reply, error)
  }
}

/** Cross-origin rules of the server may have written a Vary already. */
function mergedVary(reply: FastifyReply, ours: string | undefined): { vary?: string } {
  const theirs = reply.getHeader('vary')
  return ours && theirs ? { vary: `${theirs}, ${ours}` } : {}
}

/**
 * Sends what comes and fails when it is not `length` bytes: after a body shorter than its Content-Length the client would
 * take the next answer on the connection for the rest of this one. Chunks are released once the system has them.
 */
async function sendExactly(source: Readable, response: ServerResponse, length: number): Promise<void> {
  const leave = () => source.destroy(clientLeft())
  response.once('close', leave)
  try {
    let passed = 0
    for await (const chunk of source as AsyncIterable<Buffer>) {
      passed += chunk.length
      if (passed > length) break
      await written(response, chunk)
      releaseChunk(chunk)
    }
    if (passed !== length) throw new Error(`the store gave ${passed} bytes instead of ${length}`)
    response.off('close', leave)
    response.end()
  } catch (error) {
    response.destroy()
    throw error
  }
}

/** Resolves when the system has taken the chunk; rejects when the client has left. */
function written(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(clientLeft())
    if (response.destroyed) return leave()
    response.once('close', leave)
    response.write(chunk, error => {
      response.off('close', leave)
      if (error) reject(clientLeft())
      else resolve()
    })
  })
}

const CLIENT_LEFT = 'ERR_CLIENT_LEFT'
const clientLeft = () => Object.assign(new Error('the client left'), { code: CLIENT_LEFT })

function logBrokenOff(reply: FastifyReply, error: unknown): void {
  if ((error as NodeJS.ErrnoException).code === CLIENT_LEFT) {
    reply.log.debug('the client left before the end of the content')
  } else {
    reply.log.error({ err: error }, 'the content broke off; the connection was cut')
  }
}
