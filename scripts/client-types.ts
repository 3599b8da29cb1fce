import { readFile } from 'node:fs/promises'
import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import * as fragmentMatcher from '@graphql-codegen/fragment-matcher'
import { gqlPluckFromCodeString } from '@graphql-tools/graphql-tag-pluck'
import { parse, type Source } from 'graphql'

const SOURCES = ['examples/clients/operations.ts']
const FOLDER = 'examples/clients/generated/'
const NOTE = '// Written by "npm run clients" from schema.graphql and the operations of the examples.'

/** What JSON carries of our scalars; of an upload, what a browser gives. */
const scalars = {
  BigInt: 'number',
  DateTime: 'string',
  JSONObject: 'Record<string, unknown>',
  Upload: 'File | Blob',
}

/**
 * The types of the client examples by file name, as `graphql-codegen` with its client preset writes them.
 *
 * @throws GraphQLError when an operation does not fit the schema
 */
export async function clientTypes(): Promise<ReadonlyMap<string, string>> {
  const schema = parse(await text('schema.graphql'))
  const documents = await Promise.all(SOURCES.map(operationsOf))
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: FOLDER,
    schema,
    documents: documents.flat(),
    config: { scalars, strictScalars: true, enumType: 'const', useTypeImports: true, importExtension: '.ts' },
    presetConfig: { fragmentMasking: false, skipIndexFile: true },
    plugins: [],
    pluginMap: {},
  })
  const possibleTypes = {
    filename: `${FOLDER}possible-types.ts`,
    schema,
    documents: [],
    config: { useExplicitTyping: true },
    plugins: [{ 'fragment-matcher': {} }],
    pluginMap: { 'fragment-matcher': fragmentMatcher },
  }
  const files = await Promise.all(
    [...sections, possibleTypes].map(
      async section => [section.filename, `${NOTE}\n${await codegen(section)}`] as const,
    ),
  )
  return new Map(files)
}

async function operationsOf(location: string) {
  const found: Source[] = await gqlPluckFromCodeString(location, await text(location), {
    globalGqlIdentifierName: ['graphql'],
    // The tag finds its operation by its text, to the letter.
    skipIndent: true,
  })
  return found.map(source => ({ location, document: parse(source), rawSDL: source.body }))
}

const text = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8')
