/** HTTP methods that a rule can name. */
export type AclMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface AclRule {
  /** Segments of the pattern: a literal, `*` for any one segment, `**` for any number of them, none included. */
  readonly segments: readonly string[]
  /** Null = every method. */
  readonly methods: ReadonlySet<string> | null
}

/** The `acl.paths` of a JWT: a request is covered when any rule covers it. An empty list covers nothing. */
export type Acl = readonly AclRule[]

/** Whether the ACL covers this method on this path. */
export function aclCovers(acl: Acl, method: AclMethod, path: string): boolean {
  const segments = path.split('/').filter(Boolean)
  return acl.some(rule => namesMethod(rule, method) && matches(rule.segments, segments))
}

/**
 * The media ids for which the ACL covers a path; `{id}` stands for the id in the template. `all` where a wildcard stands in its
 * place; otherwise the ids that are named, so that a list can be narrowed to them.
 */
export function aclMediaIds(acl: Acl, method: AclMethod, template: string): 'all' | ReadonlySet<string> {
  const filled = (id: string) =>
    template
      .split('/')
      .filter(Boolean)
      .map(segment => (segment === '{id}' ? id : segment))
  const ids = new Set<string>()
  for (const { segments } of acl.filter(candidate => namesMethod(candidate, method))) {
    if (matches(segments, filled(NO_LITERAL))) return 'all'
    for (const literal of segments) if (matches(segments, filled(literal))) ids.add(literal)
  }
  return ids
}

/** A segment that only a wildcard covers: none that is written in a pattern holds a slash. */
const NO_LITERAL = '/'

const namesMethod = (rule: AclRule, method: string): boolean =>
  rule.methods === null || rule.methods.has(method)

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const [expected, ...rest] = pattern
  if (expected === undefined) return segments.length === 0
  if (expected === '**' && matches(rest, segments)) return true
  const [segment, ...following] = segments
  if (segment === undefined) return false
  if (expected === '**') return matches(pattern, following)
  return (expected === '*' || expected === segment) && matches(rest, following)
}
