import { type AppError, commonErrors } from '../../platform/errors.ts'
import { isStorable } from '../../platform/lib/storable-text.ts'
import { accessErrors, unknownScopes } from './access.errors.ts'
import { KEY_TOKEN } from './credentials.ts'
import { ALL_SCOPES, isScope } from './scopes.ts'

/** A credential of another system that its clients go on using. */
export type CarriedOver = { readonly secret: string } | { readonly token: string }

export interface NewKey {
  readonly accountId: string
  /** A random one without it. */
  readonly id?: string | null
  readonly label?: string | null
  readonly scopes: readonly string[]
  /** For whom the key acts. An unknown owner is made; a name is taken over. */
  readonly owner?: { readonly id: string; readonly name?: string | null } | null
  readonly groupIds?: readonly string[] | null
  readonly expiresAt?: Date | null
  /** A random secret without it. */
  readonly carriedOver?: CarriedOver
}

/** Tokens are found by a fast hash: they must not be guessable. */
export const SHORTEST_TOKEN = 20
const MOST_GROUPS = 100

/** Printable ASCII without blank and colon: it is the user name of Basic authentication (RFC 7617, 2). */
const KEY_ID = /^[!-9;-~]{1,128}$/
/** A token as RFC 6750 (2.1) allows it in a header. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** Checks what is asked for a new key; throws INVALID_KEY, UNKNOWN_SCOPE, or BAD_REQUEST for what is no text. */
export function checkNewKey(key: NewKey, now: Date): void {
  if (key.id != null && !KEY_ID.test(key.id)) {
    throw invalid('id', 'A key id has 1 to 128 printable ASCII characters, no blank and no colon.')
  }
  checkScopes(key.scopes)
  checkText(key.label, 'name', 200)
  checkText(key.owner?.id, 'owner', 200)
  checkText(key.owner?.name, 'owner', 200)
  if (key.owner?.id === '') throw invalid('owner', 'The id of an owner is not empty.')
  const groups = key.groupIds ?? []
  if (groups.length > 0 && !key.owner) {
    throw invalid('groupIds', 'Groups belong to an owner: say for whom the key acts.')
  }
  if (groups.length > MOST_GROUPS) throw invalid('groupIds', `A key has at most ${MOST_GROUPS} groups.`)
  for (const group of groups) {
    checkText(group, 'groupIds', 200)
    if (group === '') throw invalid('groupIds', 'The id of a group is not empty.')
  }
  if (key.expiresAt && key.expiresAt <= now) throw invalid('expiresAt', 'The key would have expired already.')
  if (key.carriedOver) checkCarriedOver(key.carriedOver)
}

/** Throws UNKNOWN_SCOPE, which names those that there are. */
export function checkScopes(scopes: readonly string[]): void {
  if (scopes.length === 0) throw invalid('scopes', 'A key without scopes may do nothing: give at least one.')
  const unknown = scopes.filter(scope => scope !== ALL_SCOPES && !isScope(scope))
  if (unknown.length > 0) throw unknownScopes(unknown)
}

/** Refuses what could never be sent, or could be guessed. Its message never repeats the credential. */
export function checkCarriedOver(carriedOver: CarriedOver): void {
  if ('secret' in carriedOver) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 forbids them.
    if (!/^[^\x00-\x1f\x7f]{1,1000}$/u.test(carriedOver.secret)) {
      throw invalid('secret', 'A secret has 1 to 1000 characters and no control characters.')
    }
    return
  }
  const { token } = carriedOver
  if (token.length < SHORTEST_TOKEN) {
    throw invalid(
      'token',
      `A token shorter than ${SHORTEST_TOKEN} characters can be guessed: use a longer one.`,
    )
  }
  if (token.length > 4000 || !TOKEN.test(token)) {
    throw invalid(
      'token',
      'A token has at most 4000 characters: letters, digits, and -._~+/, with = at its end.',
    )
  }
  if (token.startsWith(KEY_TOKEN)) {
    throw invalid('token', `Tokens that begin with "${KEY_TOKEN}" are this gateway's own.`)
  }
}

function checkText(text: string | null | undefined, field: string, longest: number): void {
  if (text == null) return
  if (!isStorable(text)) {
    throw commonErrors.BAD_REQUEST('Text cannot hold the character U+0000 or half a surrogate pair.', {
      field: ['input', field],
    })
  }
  if (text.length > longest) throw invalid(field, `This has at most ${longest} characters.`)
}

const invalid = (field: string, message: string): AppError =>
  accessErrors.INVALID_KEY(message, { field: ['input', field] })
