/** A media as the documentation of Apizee's medias shows it. */
export interface ApizeeMedia {
  readonly id: number
  readonly hash: string
  readonly created: string
  readonly owner: { readonly id: number; readonly name: string }
  readonly title: string
  readonly description: string
  readonly filename: string
  readonly status: string
  readonly media_type: string
  readonly source_type: string
  readonly filesize: number
  readonly geoloc: { readonly lat: number; readonly lng: number } | null
  readonly thumbnail_url: string | null
  readonly url: string
}

export interface ApizeeList {
  readonly total: number
  readonly next_offset: number | null
  readonly data: readonly ApizeeMedia[]
}

export interface ApizeeAnswer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: T
}

type Query = Readonly<Record<string, string | number>> | readonly (readonly [string, string])[]

/** Does what the examples of that documentation do, with their headers and no others. */
export class ApizeeClient {
  constructor(
    private readonly server: string,
    /** The header as it is sent; none with null. */
    private readonly authorization: string | null,
  ) {}

  list = (query: Query = {}) => this.json<ApizeeList>('GET', `/api/v3/medias${search(query)}`)
  get = (id: number | string) => this.json<ApizeeMedia>('GET', `/api/v3/medias/${id}`)
  delete = (id: number | string) => this.json<readonly never[]>('DELETE', `/api/v3/medias/${id}`)
  update = (id: number | string, body: RequestInit['body'], type?: string) =>
    this.json<ApizeeMedia>('PUT', `/api/v3/medias/${id}`, {
      body,
      headers: type === undefined ? {} : { 'Content-Type': type },
    })
  updateJson = (id: number | string, fields: unknown) =>
    this.update(id, JSON.stringify(fields), 'application/json')

  download(id: number | string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('GET', `/api/v3/medias/${id}/download`, { headers })
  }

  /** Every page of a list, by `next_offset`. */
  async *pages(query: Record<string, string | number> = {}): AsyncGenerator<ApizeeList> {
    for (let offset: number | null = 0; offset !== null; ) {
      const { body }: ApizeeAnswer<ApizeeList> = await this.list({ ...query, offset })
      yield body
      offset = body.next_offset
    }
  }

  send(method: string, path: string, { body, headers }: RequestInit = {}): Promise<Response> {
    return fetch(this.server + path, {
      method,
      body,
      redirect: 'error',
      headers: {
        ...(this.authorization === null ? {} : { Authorization: this.authorization }),
        Accept: '*/*',
        ...(headers as Record<string, string>),
      },
    })
  }

  private async json<T>(method: string, path: string, init?: RequestInit): Promise<ApizeeAnswer<T>> {
    const { status, headers, ...answer } = await this.send(method, path, init).then(async response => ({
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    }))
    return { status, headers, ...answer, body: JSON.parse(answer.text) as T }
  }
}

const search = (query: Query): string => {
  const pairs = Array.isArray(query) ? query : Object.entries(query).map(([k, v]) => [k, String(v)])
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs as [string, string][])}`
}
