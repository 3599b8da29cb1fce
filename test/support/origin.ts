import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that files are imported from: what it does is said by each test. */
export interface Origin {
  readonly url: string
  /** Requests and connections that it has seen. */
  readonly seen: { requests: number; connections: number }
  answer(listener: RequestListener): void
  close(): void
}

export async function startOrigin(host = '127.0.0.1'): Promise<Origin> {
  let listener: RequestListener = (_request, response) => void response.writeHead(404).end()
  const seen = { requests: 0, connections: 0 }
  const server = createServer((request, response) => {
    seen.requests++
    listener(request, response)
  })
  server.on('connection', () => seen.connections++)
  server.listen(0, host)
  await once(server, 'listening')
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    seen,
    answer(next) {
      listener = next
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
