import type { TestApp } from '../support/app.ts'
import { ecPair, es256, forge, vonageClaims } from '../support/jwt.ts'
import type { Asker } from './outcome.ts'

const MEDIA = ['media:read', 'media:create', 'media:update', 'media:delete', 'media:share'] as const

/** One Authorization header for each asker; null sends none. */
export async function credentials({ app }: TestApp): Promise<Record<Asker, string | null>> {
  const { database } = app.foundation
  const key = async (
    scopes: readonly string[],
    more: { accountId?: string; owner?: { id: string } } = {},
  ) => {
    const { key, secret } = await app.keys.create({ accountId: 'acme', scopes, ...more } as never)
    return { id: key.id, header: `Bearer mgw_${key.id}_${secret}` }
  }
  const revoked = await key(['*'])
  await app.keys.revoke(revoked.id, { force: true })
  const expired = await key(['*'])
  await database.query(`UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = $1`, [
    expired.id,
  ])

  const pair = ecPair()
  const application = await app.applications.create({ accountId: 'acme', publicKey: pair.pem })
  const jwt = (paths: object) =>
    `Bearer ${forge({ typ: 'JWT', alg: 'ES256' }, vonageClaims(application.id, { acl: { paths } }), es256(pair))}`
  return {
    none: null,
    garbage: 'Bearer mgw_nobody_nothing',
    revoked: revoked.header,
    expired: expired.header,
    readOnly: (await key(['media:read'])).header,
    noMediaScope: (await key(['admin'])).header,
    otherAccount: (await key(['*'], { accountId: 'other' })).header,
    otherOwner: (await key(MEDIA, { owner: { id: 'berta' } })).header,
    owner: (await key(MEDIA, { owner: { id: 'anna' } })).header,
    admin: (await key(['*'])).header,
    jwtAll: jwt({ '/**': {} }),
    jwtGet: jwt({ '/*/media/**': { methods: ['GET'] } }),
    jwtElsewhere: jwt({ '/*/calls/**': {} }),
  }
}
