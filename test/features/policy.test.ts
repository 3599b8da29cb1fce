import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { AclRule } from '../../src/features/access/acl.ts'
import { ACTIONS, type Action } from '../../src/features/access/actions.ts'
import { authorize, can, decide, type MediaFacts } from '../../src/features/access/policy.ts'
import { ALL_SCOPES, SCOPES } from '../../src/features/access/scopes.ts'
import type { Principal } from '../../src/features/access/viewer.ts'
import { ALL_COLUMNS } from '../../src/features/media/media.row.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { principal } from '../support/principal.ts'

/**
 * Lists against gets, on random media and random credentials: what a list shows, counts and pages over is what a get of each
 * would give, and both are what the policy says.
 */
let gateway: TestApp
const owners = [randomUUID(), randomUUID(), randomUUID()]
const groups = ['g1', 'g2', 'g3']
let library: MediaFacts[]

beforeAll(async () => {
  gateway = await startApp()
  const { database } = gateway.app.foundation
  for (const id of owners) {
    await database.query(
      `INSERT INTO owner (id, account_id, external_id, name) VALUES ($1, 'acme', $2, 'O')`,
      [id, `ext-${id}`],
    )
  }
  const pick = <T>(values: readonly T[], i: number) => values[i % values.length] as T
  library = Array.from({ length: 60 }, (_, i) => ({
    id: randomUUID(),
    accountId: pick(['acme', 'acme', 'other'], i),
    ownerId: i % 3 === 2 ? null : pick([null, ...owners], i >> 1),
    groupIds: pick([[], ['g1'], ['g2', 'g3'], ['g3']], i >> 2),
    public: i % 5 === 0,
    openHolds: i % 7 < 3 ? 1 + (i % 2) : 0,
  }))
  for (const media of library) {
    await database.query(
      `WITH holds AS (
         INSERT INTO legal_hold (id, account_id, media_id, reason, author)
         SELECT gen_random_uuid(), $2, $1, 'why', 'key:k' FROM generate_series(1, $6))
       INSERT INTO media (id, hash, account_id, owner_id, group_ids, public, open_holds, original_file_name, kind, mime_type, status, store_id)
       VALUES ($1, $1, $2, $3, $4, $5, $6, 'x', 'FILE', 'text/plain', 'PENDING', 'default')`,
      [media.id, media.accountId, media.ownerId, media.groupIds, media.public, media.openHolds],
    )
  }
}, 60_000)
afterAll(() => gateway.close())

const rule = (path: string, methods: string[] | null): AclRule => ({
  segments: path.split('/').filter(Boolean),
  methods: methods && new Set(methods),
})

const SAMPLES = countOf({ daily: 400, thorough: 1_000 })
const stranger = randomUUID()
const paths = {
  wide: ['/*/media/**', '/v3/media/**', '/**'],
  listOnly: ['/v3/media'],
  elsewhere: ['/v1/other/**', '/v3/media/*/info', '/*/calls/**'],
}
const methods = fc.constantFrom<(string[] | null)[]>(null, ['GET'], ['GET', 'PUT', 'DELETE'])
const rulesOf = (path: fc.Arbitrary<string>, max = 3) =>
  fc.array(
    fc.tuple(path, methods).map(([text, named]) => rule(text, named)),
    { minLength: 1, maxLength: max },
  )
const oneId = fc
  .nat(59)
  .chain(i => fc.constantFrom(`/v3/media/${library[i]?.id}/**`, `/v3/media/${library[i]?.id}/info`))

interface Shape {
  readonly scopes?: readonly string[][]
  readonly ownerId?: fc.Arbitrary<string | null>
  readonly groupIds?: fc.Arbitrary<string[]>
  readonly acl?: fc.Arbitrary<AclRule[] | null>
}

const readers = [
  ['media:read'],
  ['media:read', 'media:update', 'media:delete'],
  [ALL_SCOPES],
  ['media:read', 'admin'],
]
const owned = readers.slice(0, 2)
const shaped = ({
  scopes = readers,
  ownerId = fc.constantFrom(null, ...owners),
  groupIds = fc.subarray(groups),
  acl = fc.constant(null),
}: Shape) =>
  fc.record({
    kind: fc.constant('principal' as const),
    accountId: fc.constantFrom('acme', 'acme', 'acme', 'other'),
    name: fc.constant('key:random'),
    scopes: fc.constantFrom(...scopes).map(names => new Set<string>(names)),
    ownerId,
    groupIds,
    applicationId: fc.constant(null),
    acl,
  })
const list = fc.constantFrom(...paths.listOnly).map(path => rule(path, null))

/** Of every kind of credential as many; what comes of them is measured, not assumed. */
const anyPrincipal: fc.Arbitrary<Principal> = fc.oneof(
  { weight: 12, arbitrary: shaped({ scopes: [['media:create'], ['media:update', 'media:delete'], []] }) },
  { weight: 12, arbitrary: shaped({ acl: rulesOf(fc.constantFrom(...paths.elsewhere)) }) },
  {
    weight: 10,
    arbitrary: shaped({ scopes: owned, ownerId: fc.constant(stranger), groupIds: fc.constant([]) }),
  },
  { weight: 10, arbitrary: shaped({ acl: list.map(one => [one, rule(`/v3/media/${stranger}/**`, null)]) }) },
  { weight: 15, arbitrary: shaped({ scopes: owned, ownerId: fc.constantFrom(...owners) }) },
  {
    weight: 15,
    arbitrary: shaped({
      ownerId: fc.constant(null),
      acl: fc.tuple(list, rulesOf(oneId, 5)).map(([one, more]) => [one, ...more]),
    }),
  },
  { weight: 13, arbitrary: shaped({ ownerId: fc.constant(null) }) },
  {
    weight: 13,
    arbitrary: shaped({ scopes: readers.slice(2), acl: rulesOf(fc.constantFrom(...paths.wide)) }),
  },
)

const allowed = (viewer: Principal, action: Action): boolean => {
  try {
    return Boolean(authorize(viewer, action))
  } catch {
    return false
  }
}

test('a list shows exactly what gets would give, and the policy says the same of each', async () => {
  const outcomes = { refused: 0, nothing: 0, some: 0, everything: 0 }
  await fc.assert(
    fc.asyncProperty(anyPrincipal, async viewer => {
      const { media } = gateway.app
      const readable = library.filter(item => can(viewer, 'read', item)).map(({ id }) => id)
      if (allowed(viewer, 'read')) {
        const got = await media.getMany(
          viewer,
          library.map(({ id }) => id),
          ALL_COLUMNS,
        )
        expect([...got.keys()].sort()).toEqual([...readable].sort())
      } else expect(readable).toEqual([])
      if (!allowed(viewer, 'list')) {
        outcomes.refused++
        await expect(media.list(viewer, { page: {}, columns: new Set() })).rejects.toMatchObject({
          code: 'FORBIDDEN',
        })
        return
      }
      const page = await media.list(viewer, { page: { first: 100 }, columns: new Set() })
      const listed = page.edges.map(({ node }) => node.id)
      expect([...listed].sort()).toEqual([...readable].sort())
      expect(await page.total()).toEqual({ count: readable.length, isEstimate: false })
      const ofAccount = library.filter(({ accountId }) => accountId === viewer.accountId).length
      outcomes[listed.length === 0 ? 'nothing' : listed.length === ofAccount ? 'everything' : 'some']++
    }),
    { numRuns: SAMPLES },
  )
  process.stdout.write(`lists against gets: ${JSON.stringify(outcomes)}\n`)
  // A fifth of the samples each: a property that meets only one outcome proves little.
  const rare = Object.entries(outcomes).filter(([, count]) => count < SAMPLES / 5)
  expect(rare).toEqual([])
})

test.each(['update', 'delete'] as const)('%s changes exactly what the policy allows', async action => {
  const outcomes = { done: 0, refused: 0, held: 0 }
  await fc.assert(
    fc.asyncProperty(anyPrincipal, fc.nat(59), async (viewer, i) => {
      const item = library[i] as MediaFacts
      const { changes, foundation } = gateway.app
      const attempt =
        action === 'update'
          ? changes.update(viewer, { id: item.id, fields: { title: 't' } })
          : changes.delete(viewer, item)
      const outcome = await attempt.then(
        () => 'done' as const,
        error => {
          if (error.code === 'LEGAL_HOLD') return 'held' as const
          if (!['FORBIDDEN', 'NOT_FOUND'].includes(error.code)) throw error.cause ?? error
          return 'refused' as const
        },
      )
      if (outcome === 'done')
        await foundation.database.query(`UPDATE media SET deleted_at = NULL, purge_at = NULL WHERE id = $1`, [
          item.id,
        ])
      const { allowed, rule } = decide(viewer, action, item)
      expect(outcome).toBe(allowed ? 'done' : rule === 'legal-hold' ? 'held' : 'refused')
      outcomes[outcome]++
    }),
    { numRuns: 1_000 },
  )
  // A hold stands in the way of a deletion alone.
  const { held, ...rest } = outcomes
  if (action === 'update') expect(held).toBe(0)
  expect(Math.min(...Object.values(action === 'update' ? rest : outcomes))).toBeGreaterThan(20)
})

test.each(['hold', 'release'] as const)('only who administers the account may %s', action => {
  fc.assert(
    fc.property(anyPrincipal, fc.nat(59), (viewer, i) => {
      const item = library[i] as MediaFacts
      const administers = viewer.scopes.has('admin') || viewer.scopes.has(ALL_SCOPES)
      if (can(viewer, action, item)) expect([administers, viewer.accountId]).toEqual([true, item.accountId])
      else if (administers && viewer.accountId === item.accountId) expect(viewer.acl).not.toBeNull()
    }),
  )
})

test('a media whose holds nobody has counted is taken for held', () => {
  const { openHolds: _, ...uncounted } = library.find(({ openHolds }) => openHolds === 0) as MediaFacts
  const viewer = principal({ accountId: uncounted.accountId, scopes: new Set([ALL_SCOPES]) })
  expect(decide(viewer, 'delete', uncounted as MediaFacts)).toEqual({ allowed: false, rule: 'legal-hold' })
})

test('every action names a scope that exists', () => {
  for (const { scope } of Object.values(ACTIONS)) expect(Object.keys(SCOPES)).toContain(scope)
})
