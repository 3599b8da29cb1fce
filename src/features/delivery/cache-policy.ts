import { type CacheDirective, cacheDirectives } from '../../platform/lib/cache-control.ts'
import { type Asker, isGrant } from '../access/grant.ts'

const LONGEST = 256
/** Directives that would let a shared cache keep what not everybody may see, or that limit `private` to some fields. */
const SHARED = new Set(['public', 's-maxage', 'private'])

export interface CachedContent {
  readonly public: boolean
  /** The Cache-Control that the uploader asked for. */
  readonly cacheControl: string | null
  /** Whether a scan may still withdraw it. */
  readonly provisional?: boolean
  /** Until the media expires, by the database's clock; below 0 of what a hold keeps beyond that. Null and absent: it does not. */
  readonly secondsLeft?: number | null
}

/**
 * The Cache-Control of a content answer. A URL that names a version never changes its bytes. The stable URL is revalidated
 * each time, unless the uploader asked for something else that is well-formed; what is not public stays `private` whatever
 * was asked for, and nothing stays fresh beyond the end of its media.
 */
export const cacheControlOf = (content: CachedContent, pinned: boolean): string =>
  within(asWanted(content, pinned), content.secondsLeft)

function asWanted(content: CachedContent, pinned: boolean): string {
  const scope = content.public ? 'public' : 'private'
  if (pinned) return `${scope}, max-age=31536000, immutable`

  const wanted = parseDirectives(content.cacheControl ?? '')
  if (content.public)
    return wanted.length > 0 ? wanted.map(({ text }) => text).join(', ') : 'public, no-cache'
  const allowed = wanted.filter(({ name }) => !SHARED.has(name)).map(({ text }) => text)
  return allowed.length > 0 ? ['private', ...allowed].join(', ') : 'private, no-cache'
}

/**
 * The Cache-Control of content as this asker gets it. What somebody has by a grant is theirs alone: until the signed URL ends,
 * or, by a share link, which can be revoked, for this once. What a scan may withdraw is kept by nobody.
 */
export function cacheControlFor(
  asker: Asker,
  content: CachedContent,
  { pinned, now }: { pinned: boolean; now: Date },
): string {
  if (content.provisional) return 'private, no-store'
  // What is behind a hash may be replaced, as behind the media's own URL.
  if (!isGrant(asker) || asker.kind === 'hash') return cacheControlOf(content, pinned)
  if (asker.kind === 'link') return 'private, no-store'
  const ofUrl = (asker.expiresAt.getTime() - now.getTime()) / 1000
  const seconds = wholeSeconds(Math.min(ofUrl, content.secondsLeft ?? ofUrl))
  return `private, max-age=${seconds}, immutable`
}

const wholeSeconds = (seconds: number): number => Math.max(0, Math.floor(seconds))

/** Directives that say how long a response is fresh, and those that let it be used when it is not. */
const FRESH = new Set(['max-age', 's-maxage'])
const STALE = new Set(['stale-while-revalidate', 'stale-if-error'])
/** Without one of these a cache may guess how long a response is fresh (RFC 9111, 4.2.2). */
const NO_GUESS = new Set(['max-age', 'no-cache', 'no-store'])

/** The same for content that has an end: freshness is cut to what is left, and where a cache might guess it, it has to ask. */
function within(cacheControl: string, secondsLeft: number | null | undefined): string {
  if (secondsLeft == null) return cacheControl
  const left = wholeSeconds(secondsLeft)
  const directives = parseDirectives(cacheControl).filter(({ name }) => !STALE.has(name))
  const cut = directives.map(({ name, text }) =>
    FRESH.has(name) ? `${name}=${Math.min(left, Number(/\d+/.exec(text)?.[0] ?? 0))}` : text,
  )
  return (directives.some(({ name }) => NO_GUESS.has(name)) ? cut : [...cut, 'no-cache']).join(', ')
}

/** The directives in order; none when the text is not a Cache-Control value. */
const parseDirectives = (header: string): readonly CacheDirective[] =>
  header.length > LONGEST ? [] : (cacheDirectives(header) ?? [])
