import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  validateSchema,
} from 'graphql'
import { buildGatewaySchema } from '../src/entrances/graphql/schema.ts'
import { ALL_COLUMNS } from '../src/features/media/media.row.ts'

const schema: GraphQLSchema = buildGatewaySchema([])
const types = Object.values(schema.getTypeMap()).filter(type => !type.name.startsWith('__'))
/** What the GraphQL specification itself describes. */
const BUILT_IN = new Set(['Boolean', 'Float', 'ID', 'Int', 'String', 'Query', 'Mutation', 'Subscription'])

test('the schema is valid', () => {
  expect(validateSchema(schema)).toEqual([])
})

test('everything in the schema has a description', () => {
  const silent: string[] = []
  const check = (name: string, thing: { description?: string | null }) => {
    if (!thing.description) silent.push(name)
  }
  for (const type of types) {
    if (!BUILT_IN.has(type.name)) check(type.name, type)
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value)
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field)
      for (const argument of 'args' in field ? field.args : [])
        check(`${type.name}.${field.name}(${argument.name})`, argument)
    }
  }
  expect(silent).toEqual([])
})

test('every field of Media is a column, or says of which it is made', () => {
  const media = schema.getType('Media')
  if (!isObjectType(media)) throw new Error('no Media')
  for (const field of Object.values(media.getFields())) {
    const columns = (field.extensions.columns as string[] | undefined) ?? [field.name]
    expect([field.name, columns.filter(column => !ALL_COLUMNS.has(column as never))]).toEqual([
      field.name,
      [],
    ])
  }
})

test('every mutation takes one input and answers with a payload that carries user errors', () => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const name = `${field.name[0]?.toUpperCase()}${field.name.slice(1)}`
    expect([field.args.map(({ name, type }) => `${name}: ${type}`), String(field.type)]).toEqual([
      [`input: ${name}Input!`],
      `${name}Payload!`,
    ])
    expect(
      String(
        schema.getType(`${name}Payload`) &&
          (
            schema.getType(`${name}Payload`) as never as { getFields(): Record<string, { type: unknown }> }
          ).getFields().userErrors?.type,
      ),
    ).toBe('[UserError!]!')
  }
})
