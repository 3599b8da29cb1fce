import type { ConfigTable, Parsed } from '../../../platform/config.ts'
import { ALGORITHMS, type Algorithm } from './verify-token.ts'

/** An outside identity provider whose tokens are taken, and how their claims are read. */
export interface Issuer {
  /** The claim `iss`, letter by letter. */
  readonly issuer: string
  /** Names it in `issuer:<name>/<owner>`; the host of its URL without it. */
  readonly name: string
  readonly jwksUrl: URL
  /** One of these must be in the claim `aud`. */
  readonly audience: readonly string[]
  readonly algorithms: readonly Algorithm[]
  readonly account: { readonly id: string } | { readonly claim: string }
  readonly ownerClaim: string
  readonly ownerNameClaim: string | null
  readonly scopesClaim: string
  readonly groupsClaim: string | null
}

/** The members of an issuer's JSON: whether one must be there, what it may be, and that in words. */
const MEMBERS = {
  issuer: { required: true, check: isText, allowed: 'the text of the claim iss' },
  name: { check: isName, allowed: 'a name of letters, digits, ".", "-" and "_"' },
  jwksUrl: { required: true, check: isKeyUrl, allowed: 'an https URL, or http to this machine itself' },
  audience: {
    required: true,
    check: isTextOrTexts,
    allowed: 'the text of the claim aud, or a list of texts',
  },
  algorithms: { check: isAlgorithms, allowed: `a list out of ${ALGORITHMS.join(', ')}` },
  account: { check: isAccount, allowed: 'the id of an account' },
  accountClaim: { check: isText, allowed: 'the name of a claim' },
  ownerClaim: { check: isText, allowed: 'the name of a claim' },
  ownerNameClaim: { check: isText, allowed: 'the name of a claim' },
  scopesClaim: { check: isText, allowed: 'the name of a claim' },
  groupsClaim: { check: isText, allowed: 'the name of a claim' },
} as const satisfies Record<string, Member>

interface Member {
  readonly required?: boolean
  readonly check: (value: unknown) => boolean
  readonly allowed: string
}

/** An issuer's JSON once its members have been checked. */
interface IssuerJson {
  readonly issuer: string
  readonly name?: string
  readonly jwksUrl: string
  readonly audience: string | readonly string[]
  readonly algorithms?: readonly Algorithm[]
  readonly account?: string
  readonly accountClaim?: string
  readonly ownerClaim?: string
  readonly ownerNameClaim?: string
  readonly scopesClaim?: string
  readonly groupsClaim?: string
}

function issuers(input: string): Parsed<readonly Issuer[]> {
  let parsed: unknown
  try {
    parsed = JSON.parse(input)
  } catch {
    parsed = null
  }
  if (!Array.isArray(parsed)) return { allowed: 'a JSON array of issuers; docs/access.md has an example' }
  const problems = parsed.flatMap((entry, i) =>
    complaints(entry).map(problem => `issuer ${i + 1}: ${problem}`),
  )
  if (problems.length > 0) return { allowed: problems.join('; ') }
  const read = (parsed as IssuerJson[]).map(toIssuer)
  // The name stands for the issuer wherever its principals are told apart.
  for (const member of ['issuer', 'name'] as const) {
    if (new Set(read.map(entry => entry[member])).size < read.length) {
      return { allowed: `each ${member} only once; give names where two issuers have the same host` }
    }
  }
  return { value: read }
}

function complaints(entry: unknown): string[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return ['a JSON object is expected']
  const given: Readonly<Record<string, unknown>> = { ...entry }
  const problems = Object.keys(given)
    .filter(name => !Object.hasOwn(MEMBERS, name))
    .map(name => `there is no "${name}"`)
  for (const [name, { check, allowed, required }] of Object.entries<Member>(MEMBERS)) {
    if (given[name] === undefined ? required : !check(given[name]))
      problems.push(`${name} must be ${allowed}`)
  }
  if ((given.account === undefined) === (given.accountClaim === undefined)) {
    problems.push('give either account or accountClaim')
  }
  return problems
}

function toIssuer(json: IssuerJson): Issuer {
  const { issuer, account, accountClaim = '' } = json
  return {
    issuer,
    name: json.name ?? URL.parse(issuer)?.host ?? issuer,
    jwksUrl: new URL(json.jwksUrl),
    audience: [json.audience].flat(),
    algorithms: json.algorithms ?? ALGORITHMS,
    account: account === undefined ? { claim: accountClaim } : { id: account },
    ownerClaim: json.ownerClaim ?? 'sub',
    ownerNameClaim: json.ownerNameClaim ?? null,
    scopesClaim: json.scopesClaim ?? 'scope',
    groupsClaim: json.groupsClaim ?? null,
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isName(value: unknown): boolean {
  return isText(value) && /^[\w.-]{1,64}$/.test(value)
}

function isAccount(value: unknown): boolean {
  return isText(value) && /^[\w-]{1,64}$/.test(value)
}

function isTextOrTexts(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText))
}

function isAlgorithms(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(item => ALGORITHMS.includes(item))
}

/** Keys that come over a network must not be changed on their way. */
function isKeyUrl(value: unknown): boolean {
  const url = isText(value) ? URL.parse(value) : null
  if (!url || url.username || url.password) return false
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere)
}

export const issuersConfig = {
  JWT_ISSUERS: {
    default: [] as readonly Issuer[],
    defaultText: 'none',
    about:
      'Outside identity providers as a JSON array: issuer, jwksUrl, audience, account or accountClaim, and more (docs/access.md).',
    parse: issuers,
  },
} satisfies ConfigTable
