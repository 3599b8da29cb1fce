import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** A way to a server, over a port of its own, that knows when the server is done with all that came by it. */
export interface LineToTheEnd {
  readonly url: string
  /** Takes no new connections; waits until the server has ended those that there were. */
  close(): Promise<void>
}

/** A client that breaks off has sent what it has sent: the server is told of the end behind it, and answers in peace. */
export async function lineToTheEnd(origin: string): Promise<LineToTheEnd> {
  const target = new URL(origin)
  const ended: Promise<unknown>[] = []
  const server = createServer({ allowHalfOpen: true }, client => {
    const through = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true })
    ended.push(new Promise(resolve => through.once('close', resolve)))
    client.pipe(through).pipe(client)
    client
      .on('error', () => undefined)
      .on('close', () => {
        through.end()
        through.unpipe(client).resume()
      })
    through.on('error', () => undefined).on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      await once(server, 'close')
      await Promise.all(ended)
    },
  }
}
