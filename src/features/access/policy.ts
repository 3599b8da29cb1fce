import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { keptByHolds, missingScope, noCredential, notYours, outsideAcl } from './access.errors.ts'
import { aclCovers, aclMediaIds } from './acl.ts'
import { ACTIONS, type Action } from './actions.ts'
import { type Asker, isGrant } from './grant.ts'
import { ALL_SCOPES } from './scopes.ts'
import { hasScope, type Principal, type Viewer } from './viewer.ts'

/** The facts of a media that decide. */
export interface MediaFacts {
  readonly id: string
  readonly accountId: string
  readonly ownerId: string | null
  readonly groupIds: readonly string[]
  readonly public: boolean
  /** Legal holds that are not released. */
  readonly openHolds: number
}

/** Why a media may be reached, or may not; the names are part of the API (`explainAccess`). */
export const RULES = {
  public: 'The content of a public media is for everybody.',
  account: 'The credential reaches every media of its account.',
  owner: 'The media belongs to the owner whom the credential acts for.',
  group: 'The media belongs to a group of the owner whom the credential acts for; groups may read.',
  'missing-scope': 'The credential lacks the scope for this action.',
  acl: "The ACL of the JWT does not cover this action's method and path.",
  'legal-hold': 'A legal hold keeps the media, whoever asks, until it is released.',
  none: 'No rule lets the credential reach this media for this action.',
} as const satisfies Record<string, string>
export type Rule = keyof typeof RULES

export interface Decision {
  readonly allowed: boolean
  readonly rule: Rule
}

const yes = (rule: Rule): Decision => ({ allowed: true, rule })
const no = (rule: Rule): Decision => ({ allowed: false, rule })

/** What may be seen through a group is not thereby one's own to change. */
const GROUP_ACTIONS: ReadonlySet<Action> = new Set<Action>(['list', 'read', 'download'])

/** What would take from a media what a legal hold keeps: its existence, its content. */
const ENDED_BY_HOLDS: ReadonlySet<Action> = new Set<Action>(['delete', 'replace'])

/** What lies in the trash is nobody's; a hold reaches it, since its bytes are there still. */
const IN_TRASH_TOO: ReadonlySet<Action> = new Set<Action>(['hold', 'release'])

/** A credential that acts for an owner reaches what is that owner's; all others, and admins, reach the account. */
const reachesAccount = (viewer: Principal): boolean => viewer.ownerId === null || hasScope(viewer, 'admin')

/** By which rule a principal changes what it may change: groups only read. */
export const ruleOfChanges = (viewer: Principal): Rule => (reachesAccount(viewer) ? 'account' : 'owner')

/**
 * The principal behind a viewer who may do this at all; throws UNAUTHENTICATED, or FORBIDDEN that names the missing scope or
 * the ACL. Which media it may be done to is asked of `decide` and `reachableMedia`.
 */
export function authorize(viewer: Viewer, action: Action): Principal {
  if (viewer.kind === 'anonymous') throw noCredential()
  const { scope, method, path } = ACTIONS[action]
  if (!hasScope(viewer, scope)) throw missingScope(scope)
  if (!viewer.acl) return viewer
  const covered = path.includes('{id}')
    ? hasIds(aclMediaIds(viewer.acl, method, path))
    : aclCovers(viewer.acl, method, path)
  if (!covered) throw outsideAcl(method, path)
  return viewer
}

/** Whether a viewer may know what its account uses: who may list all of its media, or administers it. Sums tell of no media. */
export function seesUsage(viewer: Viewer): boolean {
  if (viewer.kind === 'anonymous' || !reachesAccount(viewer)) return false
  const { scope, method, path } = ACTIONS.list
  if (viewer.acl && !aclCovers(viewer.acl, method, path)) return false
  return hasScope(viewer, scope) || (!viewer.acl && hasScope(viewer, 'admin'))
}

/** The principal behind a viewer, whatever it may do; throws UNAUTHENTICATED. For what is its own by name. */
export function authenticated(viewer: Viewer): Principal {
  if (viewer.kind === 'anonymous') throw noCredential()
  return viewer
}

/**
 * The principal behind a viewer who may manage the credentials of its account; throws UNAUTHENTICATED or FORBIDDEN. What an
 * ACL narrows manages nothing: none of its paths stands for that.
 */
export function authorizeAdmin(viewer: Viewer): Principal {
  if (viewer.kind === 'anonymous') throw noCredential()
  if (!hasScope(viewer, 'admin') || viewer.acl) throw missingScope('admin')
  return viewer
}

/** Nobody hands out what they may not do themselves; throws FORBIDDEN that names the scope. */
export function authorizeGrant(viewer: Principal, scopes: readonly string[]): void {
  if (viewer.scopes.has(ALL_SCOPES)) return
  const lacking = scopes.find(scope => !viewer.scopes.has(scope))
  if (lacking !== undefined) throw missingScope(lacking)
}

const hasIds = (ids: 'all' | ReadonlySet<string>): boolean => ids === 'all' || ids.size > 0

/**
 * Whether the viewer may do this to this media, and which rule says so. A legal hold is named last, so only to who may do it
 * otherwise; a media whose holds nobody has counted is taken for held.
 */
export function decide(viewer: Viewer, action: Action, media: MediaFacts): Decision {
  const decision = decideByRights(viewer, action, media)
  return decision.allowed && ENDED_BY_HOLDS.has(action) && media.openHolds !== 0 ? no('legal-hold') : decision
}

function decideByRights(viewer: Viewer, action: Action, media: MediaFacts): Decision {
  if (action === 'download' && media.public) return yes('public')
  if (viewer.kind === 'anonymous' || viewer.accountId !== media.accountId) return no('none')
  const { scope, method, path } = ACTIONS[action]
  if (!hasScope(viewer, scope)) return no('missing-scope')
  if (viewer.acl && !aclCovers(viewer.acl, method, path.replace('{id}', media.id))) return no('acl')
  if (reachesAccount(viewer)) return yes('account')
  if (media.ownerId === viewer.ownerId) return yes('owner')
  const shares = media.groupIds.some(group => viewer.groupIds.includes(group))
  return shares && GROUP_ACTIONS.has(action) ? yes('group') : no('none')
}

export const can = (viewer: Viewer, action: Action, media: MediaFacts): boolean =>
  decide(viewer, action, media).allowed

/** Whether the content of this media is for who asks; a grant opens its own media alone. */
export const mayDownload = (asker: Asker, media: MediaFacts): boolean =>
  isGrant(asker) ? asker.mediaId === media.id : can(asker, 'download', media)

/**
 * Lets pass who may do this to a media that they may read; throws UNAUTHENTICATED, FORBIDDEN that names the missing scope,
 * the ACL, or that the media is somebody else's, or LEGAL_HOLD.
 */
export function demand(viewer: Viewer, action: Action, media: MediaFacts): void {
  const { allowed, rule } = decide(viewer, action, media)
  if (allowed) return
  if (rule === 'legal-hold') throw keptByHolds(media.openHolds)
  authorize(viewer, action)
  const { method, path } = ACTIONS[action]
  throw rule === 'acl' ? outsideAcl(method, path) : notYours(action)
}

/**
 * `decide` as a condition on `media m`, for a principal whom `authorize` let pass: a list shows, counts and orders by nothing
 * that a get would refuse. What is deleted is nobody's, but for holds. In an UPDATE it is asked once more of a row that another
 * transaction has changed meanwhile: of a deletion and a hold at one time, one waits for the other and then sees it.
 */
export const reachableMedia = (viewer: Principal, action: Action, p: SqlParameters): SqlText =>
  [
    `m.account_id = ${p.add(viewer.accountId)}`,
    ...(IN_TRASH_TOO.has(action) ? [] : ['m.deleted_at IS NULL']),
    ...(ENDED_BY_HOLDS.has(action) ? ['m.open_holds = 0'] : []),
    ...narrowings(viewer, action, p),
  ].join(' AND ')

/** The trash of a principal whom `authorize` let list and delete, as a condition on `media m`: what they could have put there. */
export const deletedMedia = (viewer: Principal, p: SqlParameters): SqlText =>
  [
    `m.account_id = ${p.add(viewer.accountId)}`,
    'm.deleted_at IS NOT NULL',
    ...narrowings(viewer, 'list', p),
    ...narrowings(viewer, 'delete', p),
  ].join(' AND ')

/** What a principal whom `authorize` let list and expire may know the end of, in the trash or not, as a condition on `media m`. */
export const endingMedia = (viewer: Principal, p: SqlParameters): SqlText =>
  [
    `m.account_id = ${p.add(viewer.accountId)}`,
    ...narrowings(viewer, 'list', p),
    ...narrowings(viewer, 'expire', p),
  ].join(' AND ')

/** What lies in the trash and a principal whom `authorize` let restore may take out of it, as a condition on `media m`. */
export const restorableMedia = (viewer: Principal, p: SqlParameters): SqlText =>
  [
    `m.account_id = ${p.add(viewer.accountId)}`,
    'm.deleted_at IS NOT NULL',
    ...narrowings(viewer, 'restore', p),
  ].join(' AND ')

/** What a principal whom `authorize` let delete may remove for good, live or in the trash, as a condition on `media m`. */
export const removableMedia = (viewer: Principal, p: SqlParameters): SqlText =>
  [`m.account_id = ${p.add(viewer.accountId)}`, 'm.open_holds = 0', ...narrowings(viewer, 'delete', p)].join(
    ' AND ',
  )

/** The purges of media that a principal whom `authorize` let delete could have removed, as a condition on `m`, which has `id`, `account_id` and `owner_id` of them. */
export const purgedMedia = (viewer: Principal, p: SqlParameters): SqlText =>
  [`m.account_id = ${p.add(viewer.accountId)}`, ...narrowings(viewer, 'delete', p)].join(' AND ')

/** Whether `reachableMedia` leaves out nothing of the account but what is deleted. */
export const reachesAllMedia = (viewer: Principal, action: Action): boolean =>
  narrowings(viewer, action, new SqlParameters()).length === 0

/** What a principal's rights leave of the media of its account. */
function narrowings(viewer: Principal, action: Action, p: SqlParameters): SqlText[] {
  const conditions: SqlText[] = []
  if (!reachesAccount(viewer)) {
    const rules = [`m.owner_id = ${p.add(viewer.ownerId, 'uuid')}`]
    if (GROUP_ACTIONS.has(action)) rules.push(`m.group_ids && ${p.add(viewer.groupIds, 'text[]')}`)
    conditions.push(`(${rules.join(' OR ')})`)
  }
  if (viewer.acl) {
    // What a list shows, a get must be able to show.
    const { method, path } = ACTIONS[action === 'list' ? 'read' : action]
    const ids = aclMediaIds(viewer.acl, method, path)
    if (ids !== 'all') conditions.push(`m.id::text = ANY (${p.add([...ids], 'text[]')})`)
  }
  return conditions
}

/** The prefix of a collection's global id. */
export const COLLECTION_PREFIX = 'col_'

export type CollectionAction = 'read' | 'change'

/**
 * The principal behind a viewer who may read collections, or make and change them; throws UNAUTHENTICATED or FORBIDDEN. To change
 * them is to say something about media: it needs media:update, and with an ACL one that covers all media, not some of them.
 */
export function authorizeCollections(viewer: Viewer, action: CollectionAction): Principal {
  if (action === 'read') return authorize(viewer, 'list')
  const principal = authorize(viewer, 'update')
  const { method, path } = ACTIONS.update
  if (principal.acl && aclMediaIds(principal.acl, method, path) !== 'all') throw outsideAcl(method, path)
  return principal
}

/**
 * What a principal reaches, as a condition on `collection c`: an owner their own, to read those that belong to nobody but the
 * account, too; all others, and admins, every collection of the account.
 */
export function reachableCollections(viewer: Principal, action: CollectionAction, p: SqlParameters): SqlText {
  const ofAccount = `c.account_id = ${p.add(viewer.accountId)}`
  if (reachesAccount(viewer)) return ofAccount
  const own = `c.owner_id = ${p.add(viewer.ownerId, 'uuid')}`
  return `${ofAccount} AND ${action === 'read' ? `(${own} OR c.owner_id IS NULL)` : own}`
}
