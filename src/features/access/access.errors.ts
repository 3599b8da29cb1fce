import { commonErrors, defineErrors } from '../../platform/errors.ts'
import { ALL_SCOPES, SCOPES } from './scopes.ts'

export const accessErrors = defineErrors({
  UNAUTHENTICATED: {
    status: 401,
    meaning: 'The request has no credential, or one that is not valid (any more).',
  },
  FORBIDDEN: {
    status: 403,
    meaning: 'The credential is valid but may not do this; the message names the missing scope.',
  },
  UNKNOWN_SCOPE: {
    status: 422,
    meaning: 'There is no scope of this name; the message names those that there are.',
  },
  INVALID_KEY: {
    status: 422,
    meaning: 'What is asked for an API key has a value that is not allowed; the message says what is.',
  },
  INVALID_ACCOUNT: {
    status: 422,
    meaning: 'The id or name of a new account is not allowed; the message says what is.',
  },
  UNKNOWN_ACCOUNT: { status: 422, meaning: 'There is no such account; only the command line says so.' },
  ACCOUNT_TAKEN: { status: 409, meaning: 'There is an account of this id.' },
  KEY_TAKEN: { status: 409, meaning: 'The id or the token of a new API key is in use.' },
  KEY_REVOKED: { status: 409, meaning: 'The API key is revoked; nothing brings it back.' },
  LEGAL_HOLD: {
    status: 409,
    meaning: 'A legal hold keeps the media as it is; an administrator must release it first.',
  },
  LAST_ADMIN_KEY: { status: 409, meaning: 'Without this API key nobody could administer the account.' },
})

export const noCredential = () =>
  accessErrors.UNAUTHENTICATED(
    'Sign in: send "Authorization: Bearer mgw_<key>_<secret>", or Basic with the key as user name and the secret as password.',
  )

/** One answer for every credential that does not hold, so that it does not tell why. */
export const badCredential = () => accessErrors.UNAUTHENTICATED('This credential is not valid.')

export const missingScope = (scope: string) =>
  accessErrors.FORBIDDEN(`This credential lacks the scope ${scope}.`, { details: { missingScope: scope } })

export const outsideAcl = (method: string, path: string) =>
  accessErrors.FORBIDDEN(`The ACL of this token does not cover ${method} ${path}.`, {
    details: { method, path },
  })

export const notYours = (action: string, what = 'media') =>
  accessErrors.FORBIDDEN(
    `This credential may see the ${what}, but not ${action} it: it belongs to somebody else.`,
  )

/** For who may do it otherwise: they know of the media. */
export const keptByHolds = (legalHolds: number) =>
  accessErrors.LEGAL_HOLD(
    `${legalHolds === 1 ? 'A legal hold keeps' : `${legalHolds} legal holds keep`} this media. It can go, or get other content, once an administrator has released ${legalHolds === 1 ? 'it' : 'them all'}.`,
    { field: ['input', 'id'], details: { legalHolds } },
  )

export const unknownScopes = (scopes: readonly string[]) =>
  accessErrors.UNKNOWN_SCOPE(
    `There is no scope ${scopes.map(scope => JSON.stringify(scope)).join(', ')}. Allowed are ${[...Object.keys(SCOPES), ALL_SCOPES].join(', ')}.`,
    { field: ['input', 'scopes'] },
  )

/** One answer for a key that never was and for one of another account. */
export const keyNotFound = () =>
  commonErrors.NOT_FOUND('There is no API key of this id in the account.', { field: ['input', 'id'] })

export const keyTaken = (cause: unknown) =>
  accessErrors.KEY_TAKEN('This key id or token is in use. Choose another one.', { cause })

export const keyRevoked = () =>
  accessErrors.KEY_REVOKED('This key is revoked. Create a new one.', { field: ['input', 'id'] })

export const badOverlap = () =>
  accessErrors.INVALID_KEY('An old secret is kept for 0 seconds to 365 days.', {
    field: ['input', 'keepOldForSeconds'],
  })

export const accountNotFound = (id: string) =>
  commonErrors.NOT_FOUND(`There is no account "${id}". "media-gateway account create" makes one.`)

/** Where one is named that must be there already. */
export const unknownAccount = (id: string) =>
  accessErrors.UNKNOWN_ACCOUNT(
    `There is no account "${id}". "media-gateway account list" names those that there are.`,
  )

export const lastAdminKey = () =>
  accessErrors.LAST_ADMIN_KEY(
    'This is the last key that can administer the account. Create another one with the scope admin first.',
    { field: ['input', 'id'] },
  )
