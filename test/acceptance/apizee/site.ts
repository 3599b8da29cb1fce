import { ApizeeClient, type ApizeeMedia } from '../../clients/apizee-client.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import type { GraphQLClient } from '../../support/gql.ts'
import { process } from '../../support/processing.ts'
import { closeDocumented } from '../documented.ts'

export type Made = ApizeeMedia & {
  /** What GraphQL knows it by. */
  readonly uuid: string
}

/** Somebody with a token of the gateway. */
export interface Somebody {
  readonly authorization: string
  readonly api: ApizeeClient
  readonly graphql: GraphQLClient
  /** Uploads, and gives the media once it is ready; without a file, some text. */
  make(input?: Record<string, unknown>, file?: File): Promise<Made>
}

interface File {
  readonly bytes: Buffer
  readonly fileName?: string
  /** Whether it goes through the pipeline; otherwise it is only said that it did. */
  readonly isUnderstood?: boolean
}

interface Token {
  readonly account?: string
  readonly scopes?: readonly string[]
  /** For whom the token acts. */
  readonly user?: { readonly id: string; readonly name?: string }
  readonly groups?: readonly string[]
}

export const MEDIA_SCOPES = ['media:read', 'media:create', 'media:update', 'media:delete'] as const

/** A gateway, and users of its accounts. */
export class Site {
  #count = 0

  private constructor(readonly gateway: TestApp) {}

  static async start(env: Record<string, string> = {}): Promise<Site> {
    return new Site(await startApp(env))
  }

  close = () => closeDocumented(this.gateway, 'apizee')

  sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.gateway.app.foundation.database.query<Row>(text, values)
  }

  /** An account that nobody else is in. */
  async account(): Promise<string> {
    return (await this.gateway.app.accounts.create(`account-${this.#count++}`, 'Example Ltd')).id
  }

  /** A user of their own, unless it is said who. */
  async user({ account = 'acme', scopes = MEDIA_SCOPES, user, groups }: Token = {}): Promise<Somebody> {
    const id = `user-${this.#count++}`
    return this.#holder({
      accountId: account,
      scopes,
      owner: user ?? { id, name: 'John Doe' },
      groupIds: groups,
    })
  }

  /** A token that acts for nobody. */
  token({ account = 'acme', scopes = ['*'] }: Token = {}): Promise<Somebody> {
    return this.#holder({ accountId: account, scopes })
  }

  async #holder(request: object): Promise<Somebody> {
    const { key, secret } = await this.gateway.app.keys.create(request as never)
    const authorization = `Bearer mgw_${key.id}_${secret}`
    const api = new ApizeeClient(this.gateway.url, authorization)
    const graphql = this.gateway.as(authorization)
    const make = async (input: Record<string, unknown> = {}, file?: File): Promise<Made> => {
      const bytes = file?.bytes ?? Buffer.from(`text ${this.#count++}`)
      const part = { bytes, fileName: file?.fileName ?? 'text.txt' }
      const { media, userErrors } = await graphql.upload(part, input, 'id')
      expect(userErrors).toEqual([])
      await this.#ready(media.id, file?.isUnderstood ?? false)
      const number = await this.numberOf(media.id)
      return { ...(await api.get(number)).body, uuid: media.id }
    }
    return { authorization, api, graphql, make }
  }

  async #ready(id: string, isUnderstood: boolean): Promise<void> {
    if (isUnderstood) await process(this.gateway, id)
    else await this.sql(`UPDATE media SET status = 'COMPLETED' WHERE id = $1`, [id])
  }

  async numberOf(id: string): Promise<number> {
    const [row] = await this.sql<{ number: number }>('SELECT number FROM media WHERE id = $1', [id])
    return row?.number ?? 0
  }
}

export const ids = (media: readonly { readonly id: number }[]) => media.map(({ id }) => id)

/** An item as the API has it, without what only the test knows. */
export function item<M extends { uuid: string }>({ uuid: _, ...shown }: M): Omit<M, 'uuid'> {
  return shown
}
