import {
  type ConditionHeaders,
  evaluateConditions,
  ifRangeHolds,
  type Verdict,
} from '../../src/platform/lib/conditional.ts'
import { formatHttpDate, parseHttpDate } from '../../src/platform/lib/http-date.ts'

const now = new Date('2026-01-01T00:00:00Z')
const current = {
  etag: 'xyzzy',
  lastModified: new Date('1994-11-06T08:49:37.900Z'),
  lastModifiedIsStrong: true,
}
const same = 'Sun, 06 Nov 1994 08:49:37 GMT'
const before = 'Sun, 06 Nov 1994 08:49:36 GMT'
const after = 'Sun, 06 Nov 1994 08:49:38 GMT'

describe('the conditions of a request, step by step (RFC 9110, 13.2.2)', () => {
  const table: ReadonlyArray<readonly [step: string, headers: ConditionHeaders, verdict: Verdict]> = [
    ['no condition', {}, 'proceed'],
    ['1: If-Match of this tag', { 'if-match': '"xyzzy"' }, 'proceed'],
    ['1: If-Match of another tag', { 'if-match': '"other"' }, 'preconditionFailed'],
    ['1: If-Match compares strongly (8.8.3.2)', { 'if-match': 'W/"xyzzy"' }, 'preconditionFailed'],
    ['1: If-Match of a list', { 'if-match': '"r2d2xxxx", "xyzzy", "c3piozzzz"' }, 'proceed'],
    ['1: If-Match of anything', { 'if-match': '*' }, 'proceed'],
    [
      '1: If-Match overrules If-Unmodified-Since',
      { 'if-match': '"xyzzy"', 'if-unmodified-since': before },
      'proceed',
    ],
    ['2: unmodified since the same second', { 'if-unmodified-since': same }, 'proceed'],
    ['2: modified since', { 'if-unmodified-since': before }, 'preconditionFailed'],
    ['2: a date that is none is ignored', { 'if-unmodified-since': 'yesterday' }, 'proceed'],
    ['3: If-None-Match of this tag', { 'if-none-match': '"xyzzy"' }, 'notModified'],
    ['3: If-None-Match compares weakly', { 'if-none-match': 'W/"xyzzy"' }, 'notModified'],
    ['3: If-None-Match of a list', { 'if-none-match': 'W/"r2d2xxxx",W/"xyzzy" , "c"' }, 'notModified'],
    ['3: If-None-Match of anything', { 'if-none-match': '*' }, 'notModified'],
    ['3: If-None-Match of another tag', { 'if-none-match': '"xyzz"' }, 'proceed'],
    ['3: empty list elements (5.6.1.2)', { 'if-none-match': ', ,"xyzzy",' }, 'notModified'],
    ['3: a comma within a tag parts nothing', { 'if-none-match': '"a,xyzzy"' }, 'proceed'],
    ['3: without quotes it is no tag', { 'if-none-match': 'xyzzy' }, 'proceed'],
    ['3: a broken list matches nothing', { 'if-none-match': '"xyzzy" "b"' }, 'proceed'],
    ['3: overrules If-Modified-Since', { 'if-none-match': '"other"', 'if-modified-since': after }, 'proceed'],
    ['4: not modified since the same second', { 'if-modified-since': same }, 'notModified'],
    ['4: not modified since a later one', { 'if-modified-since': after }, 'notModified'],
    ['4: modified since', { 'if-modified-since': before }, 'proceed'],
    ['4: a date that is none is ignored', { 'if-modified-since': '0' }, 'proceed'],
    ['1 before 3', { 'if-match': '"other"', 'if-none-match': '"xyzzy"' }, 'preconditionFailed'],
    ['1 and then 3', { 'if-match': '*', 'if-none-match': '"xyzzy"' }, 'notModified'],
    ['2 before 4', { 'if-unmodified-since': before, 'if-modified-since': same }, 'preconditionFailed'],
  ]
  it.each(table)('%s', (_step, headers, verdict) => {
    expect(evaluateConditions(headers, current, now)).toBe(verdict)
  })

  it('finds a tag with a comma in it', () => {
    const comma = { ...current, etag: 'a,b' }
    expect(evaluateConditions({ 'if-none-match': '"x", "a,b"' }, comma, now)).toBe('notModified')
  })

  it('reads a hostile list of 16 KiB in one pass', () => {
    for (const filler of [' ', '\t', ', ', '"a" ', 'W/', '"']) {
      const header = `,${filler.repeat(16_384 / filler.length)}x`
      expect(evaluateConditions({ 'if-none-match': header }, current, now)).toBe('proceed')
    }
  })
})

describe('If-Range (RFC 9110, 13.1.5)', () => {
  it.each([
    [undefined, true],
    ['"xyzzy"', true],
    ['W/"xyzzy"', false],
    ['"other"', false],
    ['"xyzzy", "b"', false],
    ['*', false],
    [same, true],
    [before, false],
    [after, false],
    ['', false],
  ])('%j holds: %j', (header, holds) => {
    expect(ifRangeHolds(header, current, now)).toBe(holds)
  })

  it('does not hold by a date that two contents may share', () => {
    const weak = { ...current, lastModifiedIsStrong: false }
    expect(ifRangeHolds(same, weak, now)).toBe(false)
    expect(ifRangeHolds('"xyzzy"', weak, now)).toBe(true)
  })
})

describe('an HTTP-date (RFC 9110, 5.6.7)', () => {
  const second = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', second],
    ['Sunday, 06-Nov-94 08:49:37 GMT', second],
    ['Sun Nov  6 08:49:37 1994', second],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1) / 1000],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29) / 1000],
    // More than 50 years ahead of 2026 is the past.
    ['Thursday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1) / 1000],
    ['Friday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1) / 1000],
    ['Wed, 29 Feb 2023 00:00:00 GMT', null],
    ['Sun, 06 Nov 1994 24:00:00 GMT', null],
    ['Sun, 06 Nov 1994 08:60:37 GMT', null],
    ['Sun, 06 Nov 1994 08:49:37 UTC', null],
    ['Sun, 06 Nov 1994 08:49:37 GMT ', null],
    ['sun, 06 nov 1994 08:49:37 gmt', null],
    ['Sun, 6 Nov 1994 08:49:37 GMT', null],
    ['1994-11-06T08:49:37Z', null],
    ['784111777', null],
    ['', null],
  ])('%j is second %j', (text, expected) => {
    expect(parseHttpDate(text, now)).toBe(expected)
  })

  it('reads back what it writes, cut off to the second', () => {
    expect(formatHttpDate(current.lastModified)).toBe(same)
    expect(parseHttpDate(formatHttpDate(current.lastModified), now)).toBe(second)
  })
})
