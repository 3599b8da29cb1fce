import type { IncomingMessage } from 'node:http'

const LOOKS = 4

/**
 * Ends the body of an answer with ETIMEDOUT when its sender, who could send, sends nothing for so long. A reader that is slow is no
 * matter: while it has a full buffer before it, nobody could send. For SDKs whose timeouts end with the headers, or know one
 * silence from the other as little as a socket's own timeout does.
 */
export function endWhenStalled(body: IncomingMessage, silenceMs: number): void {
  let heard = body.socket.bytesRead
  let silentLooks = 0
  const timer = setInterval(() => {
    // All of it is here, and waits for its reader.
    if (body.complete) return clearInterval(timer)
    const isSilent = body.socket.bytesRead === heard && body.readableLength < body.readableHighWaterMark
    heard = body.socket.bytesRead
    silentLooks = isSilent ? silentLooks + 1 : 0
    if (silentLooks >= LOOKS)
      body.destroy(
        Object.assign(new Error(`the store sent nothing for ${silenceMs} ms`), { code: 'ETIMEDOUT' }),
      )
  }, silenceMs / LOOKS)
  timer.unref()
  body.once('close', () => clearInterval(timer))
}
