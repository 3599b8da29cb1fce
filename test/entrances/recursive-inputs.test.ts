import { buildSchema, getOperationAST, type OperationDefinitionNode, parse } from 'graphql'
import { QueryCompiler } from '../../src/entrances/graphql/query-compiler.ts'
import { withoutRecursiveInputs } from '../../src/entrances/graphql/recursive-inputs.ts'

const schema = buildSchema(`
  scalar JSONObject
  input Tree { name: String = "leaf" branches: [Tree!] other: Round }
  input Round { tree: Tree }
  input Flat { name: String }
  type Query { grow(tree: Tree, trees: [Tree!], flat: Flat): String }
`)

const documentOf = (text: string) => {
  const document = parse(text)
  return { document, operation: getOperationAST(document) as OperationDefinitionNode }
}
const typesOf = (text: string): string[] => {
  const { document, operation } = documentOf(text)
  const flattened = withoutRecursiveInputs(schema, document, operation).document
  return (getOperationAST(flattened)?.variableDefinitions ?? []).map(({ type }) => JSON.stringify(type))
}

test.each([
  ['a type that contains itself', '$v: Tree!', true],
  ['a list of one', '$v: [Tree!]', true],
  ['one by way of another', '$v: Round', true],
  ['one that does not', '$v: Flat', false],
  ['a scalar', '$v: Int!', false],
])('a variable of %s is opaque or not', (_, definition, opaque) => {
  expect(typesOf(`query (${definition}) { grow }`)[0]?.includes('JSONObject')).toBe(opaque)
})

test('what is read by graphql-js has its defaults, and nothing is said where it is wrong', () => {
  const { document, operation } = documentOf('query ($t: Tree, $d: Tree = { name: "d" }, $f: Flat) { grow }')
  const { prepare } = withoutRecursiveInputs(schema, document, operation)
  expect(prepare({ t: { branches: {} }, f: { name: 'f' } })).toEqual({
    t: { name: 'leaf', branches: [{ name: 'leaf' }] },
    d: { name: 'd' },
    f: { name: 'f' },
  })
  expect(prepare({})).toEqual({ d: { name: 'd' } })
  expect(prepare({ t: { nothing: 1 } })).toBeNull()
})

test('a query with such a variable is compiled when it comes often', async () => {
  const compiler = new QueryCompiler({ schema, hitsBefore: 20 })
  const asked = documentOf('query ($t: Tree, $l: [Tree!]) { grow(tree: $t, trees: $l) }')
  const run = () => compiler.execute(asked, {}, { t: { branches: [{}] }, l: [{ name: 'x' }] })
  for (let i = 0; i < 20; i++) expect(await run()).toBeNull()
  expect(await run()).toEqual({ grow: null })
})
