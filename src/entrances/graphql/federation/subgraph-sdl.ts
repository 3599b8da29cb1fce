import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql'
import { DEFAULT_PAGE, MAX_PAGE } from '../../../platform/db/keyset.ts'
import { fieldCost, type ListSize } from '../cost-table.ts'
import { FEDERATION_SPEC, KEYS, SHAREABLE, TAGS } from './subgraph-table.ts'

/**
 * The schema for composition: its definitions, sorted, with keys, shared types, tags and costs from the tables, and the link
 * that imports exactly the directives that are used (Apollo Federation 2, subgraph specification).
 */
export function subgraphSdl(schema: GraphQLSchema): string {
  const used = new Set<string>()
  const directive = (text: string): ConstDirectiveNode => {
    used.add(/^@\w+/.exec(text)?.[0] as string)
    return directiveNode(text)
  }
  const costs = costDirectives(schema)
  const plain = printSchema(lexicographicSortSchema(schema))
  const document = visit(parse(plain, { noLocation: true }), {
    ObjectTypeDefinition(definition) {
      const type = definition.name.value
      const fields = definition.fields?.map(field => {
        const name = `${type}.${field.name.value}`
        const added = [...fieldDirectives(name), ...(costs.get(name) ?? [])]
        return { ...field, directives: [...(field.directives ?? []), ...added.map(directive)] }
      })
      return { ...definition, fields, directives: typeDirectives(type).map(directive) }
    },
  })
  const imports = [...used].sort().map(name => JSON.stringify(name))
  const link = `extend schema @link(url: "${FEDERATION_SPEC}", import: [${imports.join(', ')}])`
  return `${link}\n\n${print(document)}\n`
}

function typeDirectives(name: string): string[] {
  const key = KEYS[name]
  return [...(key ? [`@key(${key})`] : []), ...(SHAREABLE.has(name) ? ['@shareable'] : [])]
}

function fieldDirectives(name: string): string[] {
  const tags = Object.entries(TAGS).filter(([, fields]) => fields.includes(name))
  return [...(SHAREABLE.has(name) ? ['@shareable'] : []), ...tags.map(([tag]) => `@tag(name: "${tag}")`)]
}

/** The costs of each field, `Type.field`, where they are not what a router assumes (Apollo's demand control). */
function costDirectives(schema: GraphQLSchema): Map<string, string[]> {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType)
  const fields = types.flatMap(type =>
    Object.values(type.getFields()).map(field => {
      const isObject = isCompositeType(getNamedType(field.type))
      const usual = type.name === 'Mutation' ? 10 : isObject ? 1 : 0
      const cost = fieldCost(type, field, { default: DEFAULT_PAGE, max: MAX_PAGE })
      return { name: `${type.name}.${field.name}`, result: getNamedType(field.type).name, usual, ...cost }
    }),
  )
  const sized = new Set(
    fields.flatMap(({ result, listSize }) =>
      (listSize?.sizedFields ?? []).map(field => `${result}.${field}`),
    ),
  )
  return new Map(
    fields.map(({ name, usual, weight, listSize }) => [
      name,
      [
        ...(weight === usual ? [] : [`@cost(weight: ${weight})`]),
        // The arguments of a connection say how many edges it has.
        ...(listSize && !sized.has(name) ? [`@listSize(${listSizeArguments(listSize)})`] : []),
      ],
    ]),
  )
}

/** The length of a list that is given has no word there: it is assumed. */
function listSizeArguments({ assumedSize, slicingArguments, sizedFields }: ListSize): string {
  const texts = (list: readonly string[]) => `[${list.map(text => JSON.stringify(text)).join(', ')}]`
  return [
    `assumedSize: ${assumedSize}`,
    ...(slicingArguments
      ? [`slicingArguments: ${texts(slicingArguments)}`, 'requireOneSlicingArgument: false']
      : []),
    ...(sizedFields ? [`sizedFields: ${texts(sizedFields)}`] : []),
  ].join(', ')
}

/** A directive as it is written, parsed. */
function directiveNode(text: string): ConstDirectiveNode {
  const [definition] = parse(`scalar X ${text}`, { noLocation: true }).definitions
  const [directive] = (definition?.kind === Kind.SCALAR_TYPE_DEFINITION && definition.directives) || []
  if (!directive) throw new Error(`${text} is no directive`)
  return directive
}
