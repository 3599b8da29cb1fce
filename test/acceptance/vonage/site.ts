import { startApp, type TestApp } from '../../support/app.ts'
import { idIn, type VonageCredentials, vonageCredentials } from '../../support/vonage.ts'
import { closeDocumented } from '../documented.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is asked for differs from test to test.
type Json = any

export interface Ask {
  /** Of the gateway's own credentials without it; null sends none. */
  readonly authorization?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: BodyInit
}

/** A gateway, and two customers of it who never see each other. */
export interface Site {
  readonly gateway: TestApp
  readonly mine: VonageCredentials
  readonly theirs: VonageCredentials
  ask(line: string, ask?: Ask): Promise<Response>
  /** The body of an answer that must be of this status. */
  json(line: string, ask?: Ask, status?: number): Promise<Json>
  upload(more?: Upload): Promise<string>
  info(id: string): Promise<Json>
  /** Changes fields as @vonage/media does, and says the status. */
  change(id: string, fields: object): Promise<number>
  /** Moves the time at which an item was made. */
  made(id: string, time: string | Date): Promise<void>
  close(): Promise<void>
}

export interface Upload {
  readonly content?: string | Uint8Array<ArrayBuffer>
  readonly name?: string
  readonly type?: string
  readonly info?: object | string
  readonly authorization?: string
}

export const GONE = '00000000-0000-4000-8000-000000000000'

export async function openSite(env: Record<string, string> = {}): Promise<Site> {
  const gateway = await startApp(env)
  const [mine, theirs] = await Promise.all([
    vonageCredentials(gateway),
    vonageCredentials(gateway, { accountId: 'other' }),
  ])
  const ask = (line: string, { authorization = mine.basic, headers = {}, body }: Ask = {}) => {
    const [method, path] = line.split(' ')
    return fetch(`${gateway.url}${path}`, {
      method,
      headers: { ...headers, ...(authorization === null ? {} : { authorization }) },
      body,
    })
  }
  const json = async (line: string, how: Ask = {}, status = 200) => {
    const answer = await ask(line, how)
    const body = await answer.json()
    if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(body)}`)
    return body
  }
  return {
    gateway,
    mine,
    theirs,
    ask,
    json,
    async upload({ content = 'RIFF', name = 'test.wav', type = 'audio/vnd.wave', info, authorization } = {}) {
      const body = new FormData()
      if (info) body.append('info', typeof info === 'string' ? info : JSON.stringify(info))
      body.append('filedata', new Blob([content], { type }), name)
      const answer = await ask('POST /v3/media', { body, authorization })
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
      return idIn(answer.headers.get('location'))
    },
    info: id => json(`GET /v3/media/${id}/info`),
    async change(id, fields) {
      const headers = { 'content-type': 'application/json' }
      return (await ask(`PUT /v3/media/${id}`, { headers, body: JSON.stringify(fields) })).status
    },
    async made(id, time) {
      await gateway.app.foundation.database.query('UPDATE media SET created_at = $2 WHERE id = $1', [
        id,
        time,
      ])
    },
    close: () => closeDocumented(gateway, 'vonage'),
  }
}
