import { IncomingMessage } from 'node:http'
import type { S3Client } from '@aws-sdk/client-s3'

/**
 * Breaks an answer off when the store says nothing for so long in the middle of its body: the SDK's own time limits end with the headers. A
 * reader that takes its time is left in peace: while bytes wait for it, nothing is asked of the store.
 */
export function endSilence(client: S3Client, ms: number): void {
  client.middlewareStack.add(
    next => async args => {
      const result = await next(args)
      const { body } = result.response as { body?: unknown }
      if (body instanceof IncomingMessage) watch(body, ms)
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'endSilence' },
  )
}

function watch(body: IncomingMessage, ms: number): void {
  const { socket } = body
  /** What had come when it was silent before and a reader waited; one that has only begun to wait gets the other half of the time. */
  let before: number | undefined
  const silent = () => {
    const isAwaited = body.readableLength === 0 && !body.complete
    if (isAwaited && socket.bytesRead === before)
      return body.destroy(new Error(`the store has said nothing for ${ms} ms in the middle of an answer`))
    before = isAwaited ? socket.bytesRead : undefined
    // It would not come again before the socket is used.
    socket.setTimeout(ms / 2)
  }
  socket.on('timeout', silent).setTimeout(ms / 2)
  body.once('close', () => socket.off('timeout', silent).setTimeout(0))
}
