import { createHash } from 'node:crypto'
import { GatewayProcess } from '../faults/gateway-process.ts'
import type { TestApp } from '../support/app.ts'
import { type GraphQLClient, multipart } from '../support/gql.ts'
import { replaceContent } from '../support/replace.ts'
import { type Command, type Item, type LibraryModel, type Outcome, TRASH_HOURS } from './library-model.ts'

const HOUR = 3_600_000
const SECRET = 'secretsecretsecret'
export const SITE = { TRASH_DAYS: String(TRASH_HOURS / 24), UPLOAD_LEASE_SECONDS: '2' }

const STATE = `
  fragment Said on Media { id title contentVersion sha256 expiresAt purgeAt legalHolds { id } }
  query State {
    live: mediaItems(first: 100, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { ...Said } }
    trash: mediaItems(first: 100, filter: { deleted: true }, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { ...Said } }
  }`

interface Said {
  readonly id: string
  readonly title: string | null
  readonly contentVersion: number
  readonly sha256: string
  readonly expiresAt: string | null
  readonly purgeAt: string | null
  readonly legalHolds: readonly { readonly id: string }[]
}

/** A library in an account of its own, to which the same is done as to the model. */
export class GatewayLibrary {
  readonly #ids: string[] = []
  readonly #client: GraphQLClient
  readonly #authorization: string

  private constructor(
    private readonly gateway: TestApp,
    private readonly account: string,
  ) {
    this.#authorization = `Bearer mgw_${account}_${SECRET}`
    this.#client = gateway.as(this.#authorization)
  }

  static async create(gateway: TestApp, account: string): Promise<GatewayLibrary> {
    await gateway.app.keys.ensure({ accountId: account, keyId: account, secret: SECRET })
    return new GatewayLibrary(gateway, account)
  }

  async do(command: Command, model: LibraryModel): Promise<Outcome> {
    switch (command.kind) {
      case 'upload':
        return this.#upload(command)
      case 'pass':
        return this.#pass(command.hours)
      case 'sweep':
        return this.#sweep()
      case 'crash':
        return this.#crash(command, model)
      default:
        return this.#change(command, this.#ids[model.indexOf(command)] ?? '')
    }
  }

  /** What the library says of itself, in the words of the model. */
  async state(model: LibraryModel): Promise<readonly Partial<Item>[]> {
    const { live, trash } = await this.#client.query<Record<'live' | 'trash', { nodes: Said[] }>>(STATE)
    const said = new Map([...live.nodes, ...trash.nodes].map(media => [media.id, media]))
    // What a process made that died before it answered has no id here yet.
    for (const { id } of live.nodes) if (!this.#ids.includes(id)) this.#ids.push(id)
    return this.#ids.map((id, n) => {
      const media = said.get(id)
      if (!media) return { isGone: true }
      const known = model.items[n]?.contents ?? []
      const { title, contentVersion, sha256, legalHolds } = media
      return {
        isGone: false,
        title,
        contents:
          known.length === contentVersion && sha256 === sha256Of(this.#bytes(known.at(-1) ?? -1))
            ? known
            : [],
        holds: legalHolds.length,
        expiresAt: this.#hour(media.expiresAt, model),
        purgeAt: this.#hour(media.purgeAt, model),
      }
    })
  }

  /** The status of a media's content, and whether its bytes are those of the model. */
  async content(n: number, item: Item): Promise<{ status: number; isRight: boolean }> {
    const answer = await fetch(`${this.gateway.url}/media/${this.#ids[n]}/content`, {
      headers: { authorization: this.#authorization },
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const isRight = answer.status !== 200 || bytes.equals(this.#bytes(item.contents.at(-1) ?? -1))
    return { status: answer.status, isRight }
  }

  /** Bytes that the account is said to use, once what is doomed is gone: whoever had claimed it is dead. */
  async used(): Promise<{ used: number; reserved: number }> {
    await this.#sql(
      `UPDATE blob SET lease_until = now() - interval '1 second' WHERE account_id = $1 AND state IN ('staged', 'doomed')`,
    )
    await this.gateway.app.reaper.run()
    const [row] = await this.#sql<{ used: number; reserved: number }>(
      `SELECT used_bytes::float8 AS used, reserved_bytes::float8 AS reserved FROM account WHERE id = $1`,
    )
    return row ?? { used: -1, reserved: -1 }
  }

  /** How many bytes all contents of these have. */
  bytesOf(items: readonly Item[]): number {
    return items.flatMap(({ contents }) => contents).reduce((sum, n) => sum + this.#bytes(n).length, 0)
  }

  /** Rows of blobs that the account has. */
  async blobs(): Promise<number> {
    const [row] = await this.#sql<{ n: number }>(`SELECT count(*)::int AS n FROM blob WHERE account_id = $1`)
    return row?.n ?? -1
  }

  async #upload({ content, hours }: Extract<Command, { kind: 'upload' }>): Promise<Outcome> {
    const expiresAt = hours === null ? undefined : await this.#in(hours)
    const { media, userErrors } = await this.#client.upload(
      { bytes: this.#bytes(content), fileName: 'a.txt' },
      { expiresAt },
    )
    if (media) this.#ids.push(media.id)
    return outcomeOf(userErrors)
  }

  async #change(
    command: Exclude<Command, { kind: 'upload' | 'pass' | 'sweep' | 'crash' }>,
    id: string,
  ): Promise<Outcome> {
    switch (command.kind) {
      case 'replace':
        return outcomeOf(
          (
            await replaceContent(
              { url: this.gateway.url, authorization: this.#authorization },
              { bytes: this.#bytes(command.content), fileName: 'a.txt' },
              { id },
            )
          ).userErrors,
        )
      case 'update':
        return this.#mutate('updateMedia', { id, title: command.title })
      case 'keep':
        return this.#mutate('updateMedia', {
          id,
          expiresAt: command.hours === null ? null : await this.#in(command.hours),
        })
      case 'delete':
        return this.#mutate('deleteMedia', { id })
      case 'purge':
        return this.#mutate('deleteMedia', { id, permanent: true })
      case 'restore':
        return this.#mutate('restoreMedia', { id })
      case 'hold':
        return this.#mutate('applyLegalHold', { mediaId: id, reason: 'a case', includeDeleted: true })
      case 'release':
        return this.#release(id)
    }
  }

  async #release(mediaId: string): Promise<Outcome> {
    const [hold] = await this.#sql<{ id: string }>(
      `SELECT id FROM legal_hold WHERE account_id = $1 AND media_id = $2 AND released_at IS NULL ORDER BY created_at LIMIT 1`,
      [/^[0-9a-f-]{36}$/.test(mediaId) ? mediaId : null],
    )
    if (hold) return this.#mutate('releaseLegalHold', { id: `hold_${hold.id}` })
    const [there] = await this.#sql(`SELECT 1 FROM media WHERE account_id = $1 AND id = $2`, [
      mediaId === '' ? null : mediaId,
    ])
    return there ? 'done' : 'NOT_FOUND'
  }

  async #mutate(name: string, input: Record<string, unknown>): Promise<Outcome> {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const data = await this.#client.query(
      `mutation M($input: ${type}!) { ${name}(input: $input) { userErrors { code } } }`,
      { input },
    )
    return outcomeOf(data[name].userErrors)
  }

  /** Lets time go on for this account alone: nobody can wait for days. */
  async #pass(hours: number): Promise<Outcome> {
    await this.#sql(
      `UPDATE media SET expires_at = expires_at - $2 * interval '1 hour', purge_at = purge_at - $2 * interval '1 hour'
       WHERE account_id = $1`,
      [hours],
    )
    return 'done'
  }

  async #sweep(): Promise<Outcome> {
    for (const name of ['retention.expire', 'trash.empty'])
      await this.gateway.app.jobs.find(job => job.name === name)?.run({}, {} as never)
    return 'done'
  }

  /** Has the work done by a process of its own, which dies on the way. */
  async #crash(
    { work, content, item, committed }: Extract<Command, { kind: 'crash' }>,
    model: LibraryModel,
  ): Promise<Outcome> {
    const step = work === 'purge' ? 'P1' : 'U4'
    const { dataDir, environment } = this.gateway
    const program = new GatewayProcess(['serve'], {
      ...environment,
      DATA_DIR: `${dataDir}/crashing`,
      LOG_LEVEL: 'warn',
      FAULT: `${step}.${committed ? 'afterCommit' : 'beforeCommit'}:kill`,
    })
    try {
      const url = await program.origin()
      await this.#dying(url, { work, content, id: this.#ids[model.indexOf({ item })] ?? '' })
    } finally {
      await program.kill()
    }
    return 'done'
  }

  /** The answer, or its absence, says nothing: a process that has nothing to do for a media that is not there lives on. */
  async #dying(url: string, { work, content, id }: Dying): Promise<void> {
    const { mutation, takesFile } = WORKS[work]
    const input = {
      ...(work === 'upload' ? {} : { id }),
      ...(takesFile ? { file: null } : { permanent: true }),
    }
    const file = { bytes: this.#bytes(content), fileName: 'a.txt' }
    const headers = { authorization: this.#authorization, 'apollo-require-preflight': 'true' }
    const request = takesFile
      ? { headers, body: multipart(mutation, { input }, { 'variables.input.file': file }) }
      : {
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ query: mutation, variables: { input } }),
        }
    await fetch(`${url}/graphql`, { method: 'POST', ...request })
      .then(answer => answer.arrayBuffer())
      .catch(() => undefined)
  }

  #bytes(content: number): Buffer {
    return Buffer.from(`content ${content} of ${this.account}\n`)
  }

  async #in(hours: number): Promise<string> {
    const [row] = await this.#sql<{ now: Date }>(`SELECT clock_timestamp() AS now, $1::text`)
    return new Date((row?.now.getTime() ?? 0) + hours * HOUR).toISOString()
  }

  /** On the model's clock. */
  #hour(time: string | null, model: LibraryModel): number | null {
    return time === null ? null : model.now + Math.round((Date.parse(time) - Date.now()) / HOUR)
  }

  /** With the account as `$1`. */
  #sql<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.gateway.app.foundation.database.query<Row>(text, [this.account, ...values])
  }
}

interface Dying {
  readonly work: keyof typeof WORKS
  readonly content: number
  readonly id: string
}

const WORKS = {
  upload: {
    takesFile: true,
    mutation: 'mutation U($input: UploadMediaInput!) { uploadMedia(input: $input) { clientMutationId } }',
  },
  replace: {
    takesFile: true,
    mutation:
      'mutation R($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) { clientMutationId } }',
  },
  purge: {
    takesFile: false,
    mutation: 'mutation P($input: DeleteMediaInput!) { deleteMedia(input: $input) { deletedMediaId } }',
  },
} as const

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function outcomeOf(userErrors: readonly { readonly code: string }[]): Outcome {
  return (userErrors[0]?.code ?? 'done') as Outcome
}
