/** One request that shall cost the server nothing: what is sent, and the limit that it is refused by. */
export interface Attack {
  readonly what: string
  readonly limit: string
  readonly body: { readonly query: string; readonly variables?: object; readonly operationName?: string }
}

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')
const list = (count: number) => Array.from({ length: count }, (_, i) => i)
const nest = (count: number, open: string, inner: string, close: string) =>
  `${open.repeat(count)}${inner}${close.repeat(count)}`

/** `name` stands wherever a client may name something: operations and fragments. */
function attacksNamed(name: string): Attack[] {
  const query = `query ${name}`
  const attack = (what: string, limit: string, text: string, rest: object = {}): Attack => ({
    what: `${what}, named ${name}`,
    limit,
    body: { query: text, ...rest },
  })
  return [
    attack('fields within fields', 'depth', `${query} { ${nest(300, 'viewer { ', 'account', ' }')} }`),
    attack(
      'fields within fields in inline fragments',
      'depth',
      `${query} { ${nest(150, '... on Query { node { ', 'id', ' } }')} }`,
    ),
    attack(
      'introspection within introspection',
      'depth',
      `${query} { __schema { types { ${nest(100, 'fields { type { ', 'name', ' } }')} } } }`,
    ),
    attack('aliases', 'aliases', `${query} { ${times(300, i => `a${i}: viewer { account }`)} }`),
    attack(
      'aliases in a fragment',
      'aliases',
      `${query} { ...${name} } fragment ${name} on Query { ${times(400, i => `a${i}: __typename`)} }`,
    ),
    attack('root fields', 'rootFields', `${query} { ${times(100, i => `a${i}: __typename`)} }`),
    attack(
      'one field again and again',
      'duplicates',
      `${query} { mediaItems { nodes { ${times(1_900, () => 'id')} } } }`,
    ),
    attack(
      'objects again and again',
      'duplicates',
      `${query} { mediaItems { ${times(450, () => 'nodes { id }')} } }`,
    ),
    attack('objects that double within each other', 'duplicates', `${query} { ${doubled(8)} }`),
    attack(
      'fragments that unfold without end',
      'fields',
      `${query} { ...${name} } fragment ${name} on Query { ...f0 ...f0 } ${times(90, i => `fragment f${i} on Query { ${i < 89 ? `...f${i + 1} ...f${i + 1}` : 'viewer { account }'} }`)}`,
    ),
    attack(
      'fragments that compare with each other',
      'fragments',
      `${query} { ${times(190, i => `...f${i}`)} } ${times(190, i => `fragment f${i} on Query { a${i} }`)}`,
    ),
    attack(
      'fragments in a circle',
      'Cannot spread fragment',
      `${query} { ...${name} } fragment ${name} on Query { ...f0 } ${times(90, i => `fragment f${i} on Query { ...f${(i + 1) % 90} }`)} `,
    ),
    attack(
      'a fragment within itself',
      'Cannot spread fragment',
      `${query} { ...${name} } fragment ${name} on Query { ...${name} }`,
    ),
    attack(
      'directives at one field',
      'directives',
      `${query} { __typename ${times(200, () => '@include(if: true)')} }`,
    ),
    attack('unknown directives', 'directives', `${query} { __typename ${times(900, i => `@d${i}`)} }`),
    attack(
      'directives at all fields',
      'directives',
      `${query} { mediaItems { nodes { ${times(150, i => `a${i}: id @include(if: true)`)} } } }`,
    ),
    attack(
      'lists within lists',
      'cost',
      `${query} { mediaItems(first: 100) { nodes { shareLinks(first: 100) { nodes { id } } } } }`,
    ),
    attack(
      'lists within lists by variables',
      'cost',
      `${query}($n: Int = 1, $m: Int = 1) { mediaItems(first: $n) { edges { node { shareLinks(last: $m) { edges { node { id } } } } } } }`,
      { variables: { n: 100, m: 100 } },
    ),
    attack(
      'introspection twenty times',
      'cost',
      `${query} { ${times(20, i => `a${i}: __schema { types { fields { args { type { ofType { name } } } type { name } } } }`)} }`,
    ),
    attack(
      'operations',
      'operations',
      `${query} { __typename } ${times(300, i => `query q${i} { __typename }`)}`,
      { operationName: name },
    ),
    attack('a text of many bytes', 'documentBytes', `${query} { __typename } # ${'x'.repeat(900_000)}`),
    attack(
      'a string of many bytes',
      'documentBytes',
      `${query} { mediaByName(name: "${'x'.repeat(900_000)}") { id } }`,
    ),
    attack('tokens', 'tokens', `${query} { ${times(100_000 / 20, () => 'viewer { account }')} }`),
    attack(
      'variables of many bytes',
      'variableBytes',
      `${query}($n: String!) { mediaByName(name: $n) { id } }`,
      { variables: { n: 'x'.repeat(1_000_000) } },
    ),
    attack(
      'variables of many values',
      'variableValues',
      `${query}($ids: [ID!]!) { nodes(ids: $ids) { id } }`,
      { variables: { ids: list(150_000) } },
    ),
    attack(
      'variables deep within each other',
      'variableDepth',
      `${query}($f: MediaFilter) { mediaItems(filter: $f) { totalCount } }`,
      { variables: { f: JSON.parse(nest(1_000, '{"and":[', '{}', ']}')) } },
    ),
    attack('a long name', 'operationName', `${query} { __typename }`, { operationName: 'x'.repeat(100_000) }),
  ]
}

const doubled = (depth: number): string =>
  depth === 0 ? 'id' : `nodes { ${doubled(depth - 1)} } nodes { ${doubled(depth - 1)} }`

/** Each of them twice: named as anybody would, and as the introspection is. */
export const ATTACKS: readonly Attack[] = [...attacksNamed('Attack'), ...attacksNamed('__schema')]
