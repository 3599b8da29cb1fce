import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on a free port, says where, and ends at SIGTERM. */
export function listen(server: Server, close: () => Promise<unknown> = async () => undefined): void {
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
  process.once('SIGTERM', async () => {
    server.close()
    server.closeAllConnections()
    await close()
  })
}
