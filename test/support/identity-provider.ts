import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { forge, type KeyPair, type Signer, seconds } from './jwt.ts'

/** An outside identity provider on a real port: its keys can be changed, and so can its manners. */
export interface IdentityProvider {
  readonly url: string
  readonly issuer: string
  readonly jwksUrl: string
  /** How often its keys have been fetched. */
  readonly fetches: number
  publish(keys: Record<string, KeyPair>, more?: object): void
  /** What it answers instead of its keys. */
  misbehave(
    answer: { status?: number; headers?: Record<string, string>; body?: string | Buffer } | null,
  ): void
  close(): Promise<void>
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  let set = '{"keys":[]}'
  let odd: Parameters<IdentityProvider['misbehave']>[0] = null
  let fetches = 0
  const server = createServer((_, response) => {
    fetches++
    response.writeHead(odd?.status ?? 200, { 'content-type': 'application/json', ...odd?.headers })
    response.end(odd?.body ?? set)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    issuer: `${url}/realm`,
    jwksUrl: `${url}/jwks`,
    get fetches() {
      return fetches
    },
    publish(keys, more = {}) {
      const all = Object.entries(keys).map(([kid, { publicKey }]) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid,
        use: 'sig',
        ...more,
      }))
      set = JSON.stringify({ keys: all })
    },
    misbehave(answer) {
      odd = answer
    },
    async close() {
      server.closeAllConnections()
      if (server.listening) await new Promise(resolve => server.close(resolve))
    },
  }
}

/** A token as the provider gives it to alice, for the gateway. */
export const tokenOf = (
  { issuer }: { issuer: string },
  { kid, alg = 'RS256', typ = 'at+jwt' }: { kid?: string; alg?: string; typ?: string },
  { signer, ...claims }: { signer: Signer } & Record<string, unknown>,
): string =>
  forge(
    { alg, typ, kid },
    {
      iss: issuer,
      aud: 'media-gateway',
      sub: 'alice',
      scope: 'openid media:read media:create',
      iat: seconds(),
      exp: seconds(300),
      ...claims,
    },
    signer,
  )
