import http from 'node:http'
import { createRequire } from 'node:module'
import { Auth } from '@vonage/auth'
import { Media } from '@vonage/media'
import type { VonageCredentials } from './vonage.ts'

/** What `@vonage/media` logs in with. */
export type AuthType = 'jwt' | 'basic'

/** `@vonage/media` at a gateway; `authType` is what its users set in a class of theirs. */
export function newClient(
  { apiKey, apiSecret, applicationId, privateKey }: VonageCredentials,
  apiHost: string,
  authType: AuthType = 'jwt',
): Media {
  const auth = authType === 'jwt' ? { applicationId, privateKey } : { apiKey, apiSecret }
  return Object.assign(new Media(new Auth(auth), { apiHost }), { authType })
}

/** What the old client calls back with when it failed. */
export interface OldError {
  readonly statusCode: number
  readonly body?: { readonly title: string; readonly detail: string }
}

type OldMedia = Record<string, (...parameters: unknown[]) => void>
type OldClient = new (credentials: object, options: object) => { readonly media: OldMedia }

/** What it exports is the class itself, which its types do not say. */
const Vonage = createRequire(import.meta.url)('@vonage/server-sdk') as OldClient

/** Methods of the media of `@vonage/server-sdk` 2, as promises. Its host would hold the port, which it then looks up as a name. */
export function oldClient({ applicationId, privateKey }: VonageCredentials, apiHost: string) {
  const port = Number(new URL(apiHost).port)
  const request = (options: object) => http.request({ ...options, host: '127.0.0.1', port })
  const credentials = { apiKey: 'none', apiSecret: 'none', applicationId, privateKey }
  const { media } = new Vonage(credentials, { apiHost, port, http: { request } })
  return (method: string, ...parameters: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      media[method]?.(...parameters, (error: OldError | null, result: unknown) =>
        error ? reject(error) : resolve(result),
      )
    })
}
