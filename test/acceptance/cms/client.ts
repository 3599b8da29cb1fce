import type { TestApp } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any
  readonly text: string
}

export interface SentFile {
  readonly bytes: Uint8Array
  readonly name?: string
  readonly type?: string
}

/** What somebody who uses Contentive's API has: fetch, FormData, and a token. */
export class CmsClient {
  constructor(
    readonly url: string,
    readonly authorization: string | null,
  ) {}

  async ask(method: string, path: string, body?: BodyInit): Promise<Answer> {
    const headers: Record<string, string> = this.authorization ? { authorization: this.authorization } : {}
    const answer = await fetch(this.url + path, { method, headers, body })
    const text = await answer.text()
    const isJson = /json/.test(answer.headers.get('content-type') ?? '')
    return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : null }
  }

  list(query = ''): Promise<Answer> {
    return this.ask('GET', `/api/media${query}`)
  }

  get(id: string): Promise<Answer> {
    return this.ask('GET', `/api/media/${id}`)
  }

  delete(id: string): Promise<Answer> {
    return this.ask('DELETE', `/api/media/${id}`)
  }

  upload({ bytes, name = 'file.bin', type = '' }: SentFile, field = 'file'): Promise<Answer> {
    const form = new FormData()
    form.append(field, new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), name)
    return this.ask('POST', '/api/media', form)
  }

  /** A fixture under its own name; gives the media. */
  async uploaded(file: string, type?: string): Promise<Answer['body']> {
    const { status, body, text } = await this.upload({ bytes: fixture(file).bytes(), name: file, type })
    if (status !== 201) throw new Error(`${status}: ${text}`)
    return body
  }

  /** The ids of all pages. */
  async all(query = '', pageSize = 100): Promise<string[]> {
    const ids: string[] = []
    for (let page = 1; ; page++) {
      const { data } = (await this.list(`?page=${page}&page_size=${pageSize}${query}`)).body
      if (data.length === 0) return ids
      ids.push(...data.map(({ id }: { id: string }) => id))
    }
  }
}

export const ALL_SCOPES = ['media:read', 'media:create', 'media:delete'] as const

export interface Token {
  readonly scopes?: readonly string[]
  readonly accountId?: string
  readonly owner?: string
}

/** A client with a token of its own; of an account that is made for it where it is new. */
export async function clientOf(gateway: TestApp, token: Token = {}): Promise<CmsClient> {
  const { scopes = ALL_SCOPES, accountId = 'acme', owner } = token
  await gateway.app.keys.ensure({ accountId, keyId: `first-${accountId}`, secret: 'secretsecretsecret' })
  const { key, secret } = await gateway.app.keys.create({
    accountId,
    scopes,
    ...(owner ? { owner: { id: owner } } : {}),
  })
  return new CmsClient(gateway.url, `Bearer mgw_${key.id}_${secret}`)
}
