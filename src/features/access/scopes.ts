/** What a credential may do. A credential with `*` may do all of it. */
export const SCOPES = {
  'media:read': 'See media and fetch their content.',
  'media:create': 'Upload media.',
  'media:update': 'Change what is said about media, and replace their content.',
  'media:delete': 'Delete media and restore them; let them expire sooner.',
  'media:share': 'Make links by which others may fetch a media.',
  admin: 'Manage credentials and legal holds of the account, and see all of its media.',
} as const satisfies Record<string, string>

export type Scope = keyof typeof SCOPES
export const ALL_SCOPES = '*'

export const isScope = (text: string): text is Scope => Object.hasOwn(SCOPES, text)
