import { bandwidthRetention } from '../../src/entrances/facades/bandwidth/terms.ts'
import type { Acl } from '../../src/features/access/acl.ts'
import { parseAcl } from '../../src/features/access/jwt/acl-claim.ts'
import { type Expiry, type ExpiryFacts, GIVEN } from '../../src/features/media/media-expiry.ts'
import { MediaKind } from '../../src/features/media/media-kind.ts'
import { RuledTerms } from '../../src/features/retention/expiry/expiry-terms.ts'
import { retentionRulesConfig } from '../../src/features/retention/expiry/retention-rules.config.ts'
import { RetentionRules } from '../../src/features/retention/expiry/retention-rules.ts'
import { principal } from '../support/principal.ts'

const parse = retentionRulesConfig.RETENTION_RULES.parse

function rulesOf(text: string): RetentionRules {
  const parsed = parse(text)
  if (!('value' in parsed)) throw new Error(parsed.allowed)
  return new RetentionRules(parsed.value)
}

const CREATED = new Date('2026-01-01T00:00:00.000Z')
const UPLOADED = new Date('2026-01-05T12:00:00.000Z')
const MEDIA: ExpiryFacts = {
  accountId: 'acme',
  kind: MediaKind.AUDIO,
  mimeType: 'audio/mpeg',
  tags: ['draft', 'a b+c=d'],
  sourceType: 'recording',
  door: 'tus',
  createdAt: CREATED,
  contentUpdatedAt: UPLOADED,
}

describe('the first rule that fits decides alone:', () => {
  const cases: [title: string, rules: string, by: string | null, at: string | null][] = [
    ['everything', '*=P1D', '*', '2026-01-02T00:00:00.000Z'],
    ['an account', 'account:acme=P1W', 'account:acme', '2026-01-08T00:00:00.000Z'],
    ['no other account', 'account:other=P1W', null, null],
    ['a kind', 'kind:AUDIO=PT36H', 'kind:AUDIO', '2026-01-02T12:00:00.000Z'],
    ['no other kind', 'kind:VIDEO=PT36H', null, null],
    ['a family of types', 'type:audio/*=PT90M', 'type:audio/*', '2026-01-01T01:30:00.000Z'],
    ['no other type', 'type:audio/ogg=PT90M', null, null],
    ['a tag', 'tag:draft=P1DT1H1M1S', 'tag:draft', '2026-01-02T01:01:01.000Z'],
    ['a tag as in a URL', 'tag:a%20b%2Bc%3Dd=P1D', 'tag:a%20b%2Bc%3Dd', '2026-01-02T00:00:00.000Z'],
    ['no tag that begins alike', 'tag:dra=P1D', null, null],
    ['a source', 'source:recording=P1D', 'source:recording', '2026-01-02T00:00:00.000Z'],
    ['a door', 'door:tus=P1D', 'door:tus', '2026-01-02T00:00:00.000Z'],
    ['no other door', 'door:import=P1D', null, null],
    ['from the last content on', '*=PT48H,after:upload', '*', '2026-01-07T12:00:00.000Z'],
    [
      'all conditions of a rule',
      'account:acme+kind:VIDEO=P1D account:acme+kind:AUDIO+tag:draft=P2D',
      'account:acme+kind:AUDIO+tag:draft',
      '2026-01-03T00:00:00.000Z',
    ],
    ['the order, not the time', 'tag:draft=P9D *=P1D', 'tag:draft', '2026-01-10T00:00:00.000Z'],
    ['never', 'tag:draft=never *=P1D', 'tag:draft', null],
  ]

  test.each(cases)('%s', (_, rules, by, at) => {
    const { expiresAt, expiresBy } = rulesOf(rules).of(MEDIA)
    expect([expiresBy, expiresAt?.toISOString() ?? null]).toEqual([by, at])
  })

  test('its words', () => {
    expect(rulesOf('*=P1D').of(MEDIA)).toMatchObject({ expiresForGood: false, isBinding: false })
    expect(rulesOf('*=P1D,purge').of(MEDIA)).toMatchObject({ expiresForGood: true, isBinding: false })
    expect(rulesOf('*=P1D,binding,purge,after:upload').of(MEDIA)).toEqual({
      expiresAt: new Date('2026-01-06T12:00:00.000Z'),
      expiresBy: '*',
      expiresForGood: true,
      isBinding: true,
      isFromUpload: true,
    })
  })

  test('nothing of what no rule fits, or for which there is none', () => {
    const unruled = {
      expiresAt: null,
      expiresBy: null,
      expiresForGood: false,
      isBinding: false,
      isFromUpload: false,
    }
    expect(new RetentionRules([]).of(MEDIA)).toEqual(unruled)
    expect(rulesOf('door:tus=P1D').of({ ...MEDIA, door: null })).toEqual(unruled)
  })
})

test('the rule that an API has by itself is the one that the documentation writes', () => {
  const written = 'door:bandwidth=PT48H,after:upload,purge'
  expect(parse(written)).toEqual({ value: [bandwidthRetention] })
  expect(retentionRulesConfig.RETENTION_RULES.about).toContain(written)
})

test.each([
  ['', []],
  ['door:tus=P1D account:a+door:import=never', ['tus', 'import']],
  ['door:tus=P1D tag:a=P1D', null],
])('what the rules %s may fit came by the doors %j', (text, doors) => {
  expect((text === '' ? new RetentionRules([]) : rulesOf(text)).doors).toEqual(doors)
})

test('rules that make something else of any media have another fingerprint', () => {
  const texts = [
    '*=P1D',
    '*=P2D',
    '*=P1D,purge',
    '*=P1D,binding',
    '*=P1D,after:upload',
    '*=never',
    'tag:a=P1D',
  ]
  const both = [...texts, 'tag:a=P1D *=P1D', '*=P1D tag:a=P1D']
  expect(new Set(both.map(text => rulesOf(text).fingerprint)).size).toBe(both.length)
  expect(rulesOf('*=P1D').fingerprint).toBe(rulesOf('*=PT24H').fingerprint)
})

test.each([
  ...[
    'P1M',
    'P1Y',
    'P',
    'PT',
    'P1DT',
    'PT1',
    '1D',
    'P-1D',
    'P1.5D',
    'PT0S',
    'P36501D',
    'p1d',
    'P1D,',
    'P1D,trash',
  ].map(time => `*=${time}`),
  ...['P1D,purge,purge', 'never,purge', 'P1D,never', 'purge'].map(words => `*=${words}`),
  ...[
    'kind:NONE',
    'door:none',
    'door:toString',
    'account:a+account:b',
    'colour:red',
    '',
    'type:audio',
    'tag:%E0%A4%A',
  ].map(condition => `${condition}=P1D`),
  '*=P1D *=P2D',
  '*',
])('%s is no configuration', text => {
  expect(parse(text)).toEqual({ allowed: expect.stringContaining('rules parted by blanks') })
})

describe('to let a media end sooner', () => {
  const id = '0190c1f0-0000-7000-8000-000000000001'
  const facts = { id, ownerId: null, groupIds: [], public: false, openHolds: 0 }
  const now = new Date('2026-01-06T00:00:00.000Z')
  const [early, late] = [new Date('2026-02-01T00:00:00.000Z'), new Date('2026-03-01T00:00:00.000Z')]
  const given = (expiresAt: Date | null): Expiry => ({ expiresAt, expiresBy: GIVEN, expiresForGood: false })
  const UNSAID: Expiry = { expiresAt: null, expiresBy: null, expiresForGood: false }
  const acl = (methods: string[]) => parseAcl({ paths: { '/v3/media/**': { methods } } }) as Acl
  const scopes = new Set(['media:update', 'media:delete'])
  const mayDelete = principal({ accountId: 'acme', scopes })
  const mayNot = {
    'without the scope': principal({ accountId: 'acme', scopes: new Set(['media:update']) }),
    'by an ACL without DELETE': principal({ accountId: 'acme', scopes, acl: acl(['PUT']) }),
  }

  /** From, what is changed, what it comes to, and whether that is sooner or harder. */
  const changes: [title: string, from: Expiry, columns: object, to: Expiry | null, isSooner: boolean][] = [
    ['a later time', given(early), given(late), given(late), false],
    ['an earlier one', given(late), given(early), given(early), true],
    ['the same', given(early), given(early), null, false],
    ['one where there was none', UNSAID, given(late), given(late), true],
    ['none any more', given(early), given(null), given(null), false],
    ['another title', UNSAID, { title: 't' }, null, false],
    [
      'a tag of a rule',
      UNSAID,
      { tags: ['short'] },
      { expiresAt: new Date('2026-01-11T00:00:00.000Z'), expiresBy: 'tag:short', expiresForGood: false },
      true,
    ],
    ['a tag of a rule, where somebody has said when', given(late), { tags: ['short'] }, null, false],
    [
      'a rule that is as long and has no trash',
      { expiresAt: new Date('2026-01-11T00:00:00.000Z'), expiresBy: 'tag:short', expiresForGood: false },
      { tags: ['gone'] },
      { expiresAt: new Date('2026-01-11T00:00:00.000Z'), expiresBy: 'tag:gone', expiresForGood: true },
      true,
    ],
  ]

  test.each(changes)('%s', (_, from, columns, to, isSooner) => {
    const terms = new RuledTerms({ rules: rulesOf('tag:short=P10D tag:gone=P10D,purge') })
    const media = { ...MEDIA, ...facts, ...from, tags: [], now }
    expect(terms.changed(mayDelete, media, { ...columns })).toEqual(to)
    // A hold keeps the media, not its time.
    expect(terms.changed(mayDelete, { ...media, openHolds: 1 }, { ...columns })).toEqual(to)
    for (const viewer of Object.values(mayNot)) {
      const changed = () => terms.changed(viewer, media, { ...columns })
      if (isSooner) expect(changed).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
      else expect(changed()).toEqual(to)
    }
  })
})
