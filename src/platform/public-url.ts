/** Where clients reach the gateway: what the operator says, otherwise the address that it listens on. */
export class PublicUrl {
  #port: number

  constructor(private readonly config: { PUBLIC_URL?: string; HOST: string; PORT: number }) {
    this.#port = config.PORT
  }

  /** Origin, and path prefix if there is one, without a slash at its end. */
  get base(): string {
    const { PUBLIC_URL, HOST } = this.config
    return PUBLIC_URL ?? `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${this.#port}`
  }

  /** Tells the port that was taken where any free one was asked for. */
  listensOn(port: number): void {
    this.#port = port
  }
}
