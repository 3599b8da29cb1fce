import fc from 'fast-check'
import { type AclMethod, aclCovers, aclMediaIds } from '../../src/features/access/acl.ts'
import { ACTIONS } from '../../src/features/access/actions.ts'
import { parseAcl } from '../../src/features/access/jwt/acl-claim.ts'

const METHODS: AclMethod[] = ['GET', 'POST', 'PUT', 'DELETE']
const ID = '0190c1f0-0000-7000-8000-000000000001'
const OTHER = '0190c1f0-0000-7000-8000-000000000002'

type Paths = Record<string, { methods?: string[] }>

const acl = (paths: Record<string, unknown>) => {
  const parsed = parseAcl({ paths })
  if (parsed === null || parsed === 'malformed') throw new Error(`not an ACL: ${parsed}`)
  return parsed
}

/** The reference: each pattern as a regular expression. */
function referenceCovers(paths: Paths, method: string, path: string): boolean {
  return Object.entries(paths).some(([pattern, { methods }]) => {
    const source = pattern
      .split('/')
      .filter(Boolean)
      .map(segment => (segment === '**' ? '(/[^/]+)*' : segment === '*' ? '/[^/]+' : `/${segment}`))
      .join('')
    return (methods === undefined || methods.includes(method)) && new RegExp(`^${source}$`).test(path)
  })
}

const pathTemplates = [...new Set(Object.values(ACTIONS).map(({ path }) => path))]
const pattern = fc
  .array(fc.constantFrom('v3', 'media', 'info', '*', '**', ID, OTHER), { maxLength: 6 })
  .map(segments => `/${segments.join('/')}`)
const paths: fc.Arbitrary<Paths> = fc.dictionary(
  pattern,
  fc.record({ methods: fc.subarray<string>(METHODS) }, { requiredKeys: [] }),
  { maxKeys: 3 },
)

test('an ACL covers what its patterns say, as regular expressions say it', () => {
  let covered = 0
  fc.assert(
    fc.property(
      paths,
      fc.constantFrom(...METHODS),
      fc.constantFrom(...pathTemplates),
      (given, method, template) => {
        const path = template.replace('{id}', ID)
        const expected = referenceCovers(given, method, path)
        if (expected) covered++
        expect(aclCovers(acl(given), method, path)).toBe(expected)
      },
    ),
    { numRuns: 3_000 },
  )
  expect(covered).toBeGreaterThan(100)
})

test('the ids that a list is narrowed to are those whose own path is covered', () => {
  let some = 0
  fc.assert(
    fc.property(
      paths,
      fc.constantFrom(...METHODS),
      fc.constantFrom('/v3/media/{id}', '/v3/media/{id}/info'),
      (given, method, template) => {
        const parsed = acl(given)
        const ids = aclMediaIds(parsed, method, template)
        if (ids !== 'all' && ids.size > 0) some++
        for (const id of [ID, OTHER, 'a-third'])
          expect(ids === 'all' || ids.has(id)).toBe(aclCovers(parsed, method, template.replace('{id}', id)))
      },
    ),
    { numRuns: 3_000 },
  )
  expect(some).toBeGreaterThan(20)
})

test.each([
  ['/*/media/**', ['/v3/media', `/v3/media/${ID}`, `/v3/media/${ID}/info`], ['/v3/other', '/v3']],
  ['/v3/media', ['/v3/media'], [`/v3/media/${ID}`]],
  ['/v3/media/*', [`/v3/media/${ID}`], ['/v3/media', `/v3/media/${ID}/info`]],
  ['/**', ['/v3/media', `/v3/media/${ID}/info`], []],
  ['/**/info', [`/v3/media/${ID}/info`], ['/v3/media', `/v3/media/${ID}`]],
  ['/v3/med', [], ['/v3/media']],
  ['/', [], ['/v3/media']],
])('%s covers what it should', (path, covered, outside) => {
  for (const target of covered)
    expect([target, aclCovers(acl({ [path]: {} }), 'GET', target)]).toEqual([target, true])
  for (const target of outside)
    expect([target, aclCovers(acl({ [path]: {} }), 'GET', target)]).toEqual([target, false])
})

describe('the claim', () => {
  test('that is absent narrows nothing', () => {
    expect(parseAcl(undefined)).toBeNull()
  })

  test.each([
    null,
    'all',
    [],
    {},
    { paths: null },
    { paths: [] },
    { paths: { '/**': null } },
    { paths: { '/**': [] } },
    { paths: { '/**': 'GET' } },
    { paths: { '/**': { methods: 'GET' } } },
    { paths: { '/**': { methods: [1] } } },
    { paths: { '/**': { methods: null } } },
    { paths: { 'v3/media': {} } },
    { paths: { '/v3/\0': {} } },
  ])('%j is malformed', claim => {
    expect(parseAcl(claim)).toBe('malformed')
  })

  test.each([
    [{}],
    [{ '/**': { filters: { to: '123' } } }],
    [{ '/**': { filters: true } }],
    [{ '/**': { unknown: { limit: 1 } } }],
    [{ '/**': { methods: [] } }],
    [{ '/**': { methods: ['get', 'PATCH'] } }],
    [{ [`/${'a/'.repeat(50)}`]: {} }],
  ])('%j covers nothing', given => {
    for (const method of METHODS) expect(aclCovers(acl(given), method, '/v3/media')).toBe(false)
  })

  test('with empty filters is not restricted by them, and one rule does not weaken another', () => {
    const given = acl({ '/v3/**': { filters: {} }, '/**': { filters: { x: 1 } } })
    expect(aclCovers(given, 'GET', '/v3/media')).toBe(true)
    expect(aclCovers(given, 'GET', '/v4/media')).toBe(false)
  })

  test('as long as a header can be is judged quickly, however it is made', () => {
    const steps = ['**/**/*', '**/*', '**/v3/**', '*/**'].map(part => `/${Array(1_000).fill(part).join('/')}`)
    const parsed = acl(Object.fromEntries(steps.map(step => [step, {}])))
    expect(aclCovers(parsed, 'PUT', `/v3/media/${ID}/info`)).toBe(false)
    expect(aclCovers(acl({ [`/${Array(3_000).fill('**').join('/')}`]: {} }), 'PUT', '/v3/media')).toBe(true)
  })
})
