import type { TestApp } from '../../support/app.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | ReadableStream
}

export interface Item {
  readonly content: string
  readonly contentLength: number
  readonly mediaName: string
}

/** Bytes of the largest file, and of the largest page. */
export const LARGEST = 3_932_160
export const PAGE = 1_000

const SECRET = 'secretsecretsecret'
const USER = 'api-user'

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** What somebody who uses Bandwidth's API has: an account, and a user name and password for Basic. */
export class BandwidthClient {
  constructor(
    readonly url: string,
    readonly accountId: string,
    readonly authorization: string | null,
  ) {}

  get place(): string {
    return `/api/v2/users/${this.accountId}/media`
  }

  async ask(method: string, url: string, { headers, body }: Ask = {}): Promise<Answer> {
    const signed: Record<string, string> = this.authorization ? { authorization: this.authorization } : {}
    const init = { method, headers: { ...signed, ...headers }, body, duplex: 'half', redirect: 'manual' }
    const answer = await fetch(new URL(url, this.url), init as RequestInit)
    const bytes = Buffer.from(await answer.arrayBuffer())
    const isJson = answer.headers.get('content-type')?.startsWith('application/json')
    return {
      status: answer.status,
      headers: answer.headers,
      bytes,
      body: isJson ? JSON.parse(bytes.toString()) : null,
    }
  }

  /** The URL of a name as both SDKs write it. */
  urlOf(name: string): string {
    return `${this.place}/${encodeURIComponent(name)}`
  }

  put(name: string, body: Ask['body'], headers?: Ask['headers']): Promise<Answer> {
    return this.ask('PUT', this.urlOf(name), { body, headers })
  }

  get(name: string, headers?: Ask['headers']): Promise<Answer> {
    return this.ask('GET', this.urlOf(name), { headers })
  }

  delete(name: string): Promise<Answer> {
    return this.ask('DELETE', this.urlOf(name))
  }

  list(token?: string): Promise<Answer> {
    return this.ask('GET', this.place, {
      headers: token === undefined ? {} : { 'continuation-token': token },
    })
  }

  /** All of its pages; `between` is done ahead of each but the first. */
  async pages(between: (page: number) => Promise<unknown> = async () => undefined): Promise<Item[][]> {
    const pages: Item[][] = []
    for (let token: string | undefined; ; ) {
      const { body, headers } = await this.list(token)
      pages.push(body)
      token = headers.get('continuation-token') ?? undefined
      if (token === undefined) return pages
      await between(pages.length)
    }
  }

  async items(): Promise<Item[]> {
    return (await this.pages()).flat()
  }

  async names(): Promise<string[]> {
    return (await this.items()).map(({ mediaName }) => mediaName)
  }

  /** All four requests, of this name, one after the other: list, download, upload, delete. */
  async each(name: string): Promise<Answer[]> {
    return [await this.list(), await this.get(name), await this.put(name, 'x'), await this.delete(name)]
  }
}

/** A client of an account of its own, which is made for it. */
export async function clientOf(gateway: TestApp, accountId: string): Promise<BandwidthClient> {
  const keyId = `${USER}-${accountId}`
  await gateway.app.keys.ensure({ accountId, keyId, secret: SECRET })
  return new BandwidthClient(gateway.url, accountId, basic(keyId, SECRET))
}

/** The same with a token instead of a password, for what GraphQL is asked beside. */
export const tokenOf = (client: BandwidthClient): string => `Bearer mgw_${USER}-${client.accountId}_${SECRET}`
