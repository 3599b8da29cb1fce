import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type TypeNode,
  visit,
} from 'graphql'
import { FIELD_COSTS, LIST_SIZES, PAGING } from '../cost-table.ts'
import { FEDERATION_SPEC, KEYS, SHAREABLE, TAGS } from './subgraph-table.ts'

/**
 * The schema for composition: the given definitions with keys, shared types, tags and costs from the tables, and the link that
 * imports exactly the directives that are used (Apollo Federation 2, subgraph specification).
 */
export function subgraphSdl(schema: string): string {
  const used = new Set<string>()
  const directive = (text: string): ConstDirectiveNode => {
    used.add(/^@\w+/.exec(text)?.[0] as string)
    return directiveNode(text)
  }
  const document = visit(parse(schema, { noLocation: true }), {
    ObjectTypeDefinition: type => ({
      ...type,
      directives: typeDirectives(type.name.value).map(directive),
      fields: type.fields?.map(field => ({
        ...field,
        directives: [...(field.directives ?? []), ...fieldDirectives(type, field).map(directive)],
      })),
    }),
  })
  const imports = [...used].sort().map(name => JSON.stringify(name))
  const link = `extend schema @link(url: "${FEDERATION_SPEC}", import: [${imports.join(', ')}])`
  return `${link}\n\n${print(document)}\n`
}

function typeDirectives(name: string): string[] {
  const key = KEYS[name]
  return [...(key ? [`@key(${key})`] : []), ...(SHAREABLE.has(name) ? ['@shareable'] : [])]
}

function fieldDirectives(type: ObjectTypeDefinitionNode, field: FieldDefinitionNode): string[] {
  const name = `${type.name.value}.${field.name.value}`
  const tags = Object.entries(TAGS).filter(([, fields]) => fields.includes(name))
  const cost = FIELD_COSTS[name] ?? FIELD_COSTS[`*.${field.name.value}`]
  const size = listSize(name, field)
  return [
    ...(SHAREABLE.has(name) ? ['@shareable'] : []),
    ...tags.map(([tag]) => `@tag(name: "${tag}")`),
    ...(cost === undefined ? [] : [`@cost(weight: ${cost})`]),
    ...(size ? [`@listSize(${size})`] : []),
  ]
}

/** A connection is as long as its arguments say; another list, as the table says. */
function listSize(name: string, field: FieldDefinitionNode): string | undefined {
  const assumed = LIST_SIZES[name]
  if (assumed !== undefined) return `assumedSize: ${assumed}`
  const slicing = PAGING.slicingArguments.filter(argument =>
    field.arguments?.some(({ name }) => name.value === argument),
  )
  if (slicing.length === 0 || !typeName(field.type).endsWith('Connection')) return undefined
  const texts = (list: readonly string[]) => `[${list.map(text => JSON.stringify(text)).join(', ')}]`
  return [
    `assumedSize: ${PAGING.assumedSize}`,
    `slicingArguments: ${texts(slicing)}`,
    `sizedFields: ${texts(PAGING.sizedFields)}`,
    'requireOneSlicingArgument: false',
  ].join(', ')
}

const typeName = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : typeName(type.type)

/** A directive as it is written, parsed. */
function directiveNode(text: string): ConstDirectiveNode {
  const [definition] = parse(`scalar X ${text}`, { noLocation: true }).definitions
  const [directive] = (definition?.kind === Kind.SCALAR_TYPE_DEFINITION && definition.directives) || []
  if (!directive) throw new Error(`${text} is no directive`)
  return directive
}
