/** Hosts that stand for every address of the machine, and are none that a client could connect to. */
const WILDCARDS: readonly string[] = ['0.0.0.0', '::']

/** Where clients reach the gateway: what the operator says, otherwise the address that it listens on. */
export class PublicUrl {
  #port: number

  constructor(private readonly config: { PUBLIC_URL?: string; HOST: string; PORT: number }) {
    this.#port = config.PORT
  }

  /** Origin, and path prefix if there is one, without a slash at its end. */
  get base(): string {
    const { PUBLIC_URL, HOST } = this.config
    if (PUBLIC_URL !== undefined) return PUBLIC_URL
    const host = HOST.includes(':') ? `[${HOST}]` : HOST
    return `http://${this.isGuessed ? 'localhost' : host}:${this.#port}`
  }

  /** The path prefix; empty where there is none. */
  get prefix(): string {
    return new URL(this.base).pathname.replace(/\/$/, '')
  }

  /** Whether clients on other machines are given URLs that lead to themselves: nobody has said how they reach this one. */
  get isGuessed(): boolean {
    const { PUBLIC_URL, HOST } = this.config
    return PUBLIC_URL === undefined && WILDCARDS.includes(HOST)
  }

  /** Tells the port that was taken where any free one was asked for. */
  listensOn(port: number): void {
    this.#port = port
  }
}
