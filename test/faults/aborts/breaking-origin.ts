import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { breakOff, type Ending } from './break-off.ts'

/** What the server says of one file before it breaks off. */
export interface BrokenAnswer {
  readonly bytes: Buffer
  readonly ending: Ending
}

interface Expected extends BrokenAnswer {
  readonly broken: () => void
}

const GONE = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/** A server to import from, which breaks off in its first answer for each file; asked again, it says that the file is gone. */
export class BreakingOrigin implements Disposable {
  readonly #server: Server
  readonly #expected = new Map<string, Expected>()
  readonly #sockets = new Set<Socket>()
  #awaited = 0
  #askedAgain: (() => void) | undefined

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', socket => void this.#serve(socket))
  }

  static async open(): Promise<BreakingOrigin> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new BreakingOrigin(server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Prepares the answer for a path; resolves once it has been begun and broken off. */
  breakOffAt(path: string, answer: BrokenAnswer): Promise<void> {
    this.#awaited++
    return new Promise(broken => this.#expected.set(path, { ...answer, broken }))
  }

  /** Resolves when each file was asked for once more. */
  async allAskedAgain(): Promise<void> {
    if (this.#awaited > 0) await new Promise<void>(resolve => (this.#askedAgain = resolve))
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    let head = ''
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      head += chunk
      if (head.includes('\r\n\r\n')) break
    }
    const path = head.split(' ', 2)[1] ?? ''
    const expected = this.#expected.get(path)
    if (!expected) return this.#sayGone(socket)
    this.#expected.delete(path)
    await breakOff(socket, expected.bytes, expected.ending)
    expected.broken()
  }

  #sayGone(socket: Socket): void {
    socket.resume().end(GONE)
    if (--this.#awaited === 0) this.#askedAgain?.()
  }

  [Symbol.dispose](): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
