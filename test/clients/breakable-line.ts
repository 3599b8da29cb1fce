import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut, as a bad network does: connections break, new ones get through. */
export interface BreakableLine extends AsyncDisposable {
  readonly url: string
  /** Bytes that have gone through, both ways together. */
  carried(): number
  cut(): void
}

/** A line to the server at `origin`, over a port of its own. */
export async function breakableLine(origin: string): Promise<BreakableLine> {
  const target = new URL(origin)
  const sockets = new Set<Socket>()
  let carried = 0
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const server = createServer(client => {
    const through = connect(Number(target.port), target.hostname)
    for (const socket of [client, through]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('data', ({ length }) => {
        carried += length
      })
    }
    client.pipe(through).pipe(client)
    client.on('close', () => through.destroy())
    through.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    carried: () => carried,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
