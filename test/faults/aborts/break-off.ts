import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** How a connection ends: in order, or by force. */
export const ENDINGS = ['FIN', 'RST'] as const
export type Ending = (typeof ENDINGS)[number]

/** Says so much, and ends the connection; resolves when it is closed. */
export async function breakOff(socket: Socket, bytes: Buffer, ending: Ending): Promise<void> {
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  // Before an RST the system has taken the bytes: what it has delivered is read before the end of the connection is.
  await new Promise<void>(resolve => socket.write(bytes, () => resolve()))
  if (ending === 'RST') socket.resetAndDestroy()
  else socket.end()
  socket.resume()
  await closed
}

/** As `breakOff`, on a connection of its own. */
export async function breakOffAt(origin: string, bytes: Buffer, ending: Ending): Promise<void> {
  const { hostname, port } = new URL(origin)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  await breakOff(socket, bytes, ending)
}
