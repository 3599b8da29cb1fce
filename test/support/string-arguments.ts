import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
} from 'graphql'

type Path = readonly string[]

/** One place of a field's arguments where a client may write a text. */
export interface StringArgument {
  /** `updateMedia.input.title`. */
  readonly name: string
  readonly query: string
  readonly variables: Record<string, unknown>
  /** Where in the variables files belong. */
  readonly files: readonly string[]
}

export interface Asked {
  /** Put in the place. */
  readonly text: string
  /** What stands where another text is required: `of` a field, by the name of the argument. */
  readonly required: (of: string, argument: string) => string
}

/** Requests for the fields of a type, each with a text in one place and all else as little as is required. */
export function stringArguments(type: GraphQLObjectType, asked: Asked): StringArgument[] {
  return Object.values(type.getFields()).flatMap(field =>
    field.args.flatMap(argument =>
      pathsIn(argument.type).map(path => requestOf(field, [argument.name, ...path], asked)),
    ),
  )
}

/** Where texts stand in a value of this type; in what lies in itself, once. */
function pathsIn(type: GraphQLInputType, within: readonly string[] = []): Path[] {
  const named = getNamedType(type)
  if (['String', 'ID', 'JSONObject'].includes(named.name)) return [[]]
  if (!isInputObjectType(named) || within.includes(named.name)) return []
  return Object.values(named.getFields()).flatMap(field =>
    pathsIn(field.type, [...within, named.name]).map(path => [field.name, ...path]),
  )
}

function requestOf(field: GraphQLField<unknown, unknown>, path: Path, asked: Asked): StringArgument {
  const files: string[] = []
  const given = field.args.filter(({ name, type }) => name === path[0] || isNonNullType(type))
  const variables = Object.fromEntries(
    given.map(({ name, type }) => [
      name,
      inputOf(type, {
        name,
        at: name,
        field: field.name,
        path: name === path[0] ? path.slice(1) : null,
        files,
        asked,
      }),
    ]),
  )
  const declared = given.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ')
  return {
    name: [field.name, ...path].join('.'),
    query: `(${declared}) { ${field.name}(${passed}) ${selectionOf(field.type)} }`,
    variables,
    files,
  }
}

interface Place {
  readonly name: string
  readonly at: string
  readonly field: string
  /** The rest of the way to the text; null beside it. */
  readonly path: Path | null
  readonly files: string[]
  readonly asked: Asked
}

function inputOf(type: GraphQLInputType, place: Place): unknown {
  const { name, at, path, files, asked, field } = place
  if (isNonNullType(type)) return inputOf(type.ofType, place)
  if (isListType(type)) return [inputOf(type.ofType, { ...place, at: `${at}.0` })]
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter(inner => inner.name === path?.[0] || isRequiredInputField(inner))
        .map(inner => [
          inner.name,
          inputOf(inner.type, {
            ...place,
            name: inner.name,
            at: `${at}.${inner.name}`,
            path: inner.name === path?.[0] ? path.slice(1) : null,
          }),
        ]),
    )
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (type.name === 'Upload') {
    files.push(`variables.${at}`)
    return null
  }
  if (path) return type.name === 'JSONObject' ? { a: asked.text } : asked.text
  return (
    { Int: 1, Float: 1, Boolean: false, DateTime: '2100-01-01T00:00:00Z', JSONObject: {}, BigInt: '1' }[
      type.name
    ] ?? asked.required(field, name)
  )
}

/** Whatever needs no arguments: a resolver that is asked for nothing does nothing. Of errors their codes. */
function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type)
  if (!isObjectType(named)) return isCompositeType(named) ? '{ __typename }' : ''
  const inner = Object.values(named.getFields())
    .filter(({ args }) => args.every(argument => !isNonNullType(argument.type)))
    .map(({ name, type: of }) => {
      if (name === 'userErrors') return 'userErrors { code }'
      return isCompositeType(getNamedType(of)) ? `${name} { __typename }` : name
    })
  return `{ __typename ${inner.join(' ')} }`
}
