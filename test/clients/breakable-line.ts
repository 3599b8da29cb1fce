import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** A way to a server that can be cut, as a bad network does: connections break, new ones get through. */
export interface BreakableLine extends AsyncDisposable {
  readonly url: string
  /** Bytes that have gone through, both ways together. */
  carried(): number
  cut(): void
  /** Loses whatever is sent after so many more bytes, both ways together, and leaves the connections as they are. */
  fallSilent(afterBytes?: number): void
}

/** A line to the server at `origin`, over a port of its own. */
export async function breakableLine(origin: string): Promise<BreakableLine> {
  const target = new URL(origin)
  const sockets = new Set<Socket>()
  let carried = 0
  let silentFrom = Number.POSITIVE_INFINITY
  const lost = () =>
    new Transform({
      transform(chunk, _encoding, done) {
        carried += chunk.length
        done(null, carried > silentFrom ? null : chunk)
      },
    })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const server = createServer(client => {
    const through = connect(Number(target.port), target.hostname)
    for (const socket of [client, through]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.pipe(lost()).pipe(through).pipe(lost()).pipe(client)
    client.on('close', () => through.destroy())
    through.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    carried: () => carried,
    cut,
    fallSilent(afterBytes = 0) {
      silentFrom = carried + afterBytes
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
