import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TestApp } from '../support/app.ts'
import { routesOf } from '../support/routes.ts'

interface Operation {
  readonly responses: Readonly<Record<string, Referable<Response>>>
}
interface Response {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
type Referable<T> = T | { readonly $ref: string }

/** An OpenAPI document as it is served. */
export interface Document {
  readonly openapi: string
  readonly info: { readonly title: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses?: Readonly<Record<string, Response>> }
}

const METHODS = ['get', 'head', 'put', 'post', 'delete', 'patch', 'options']

export async function documentOf({ url }: Pick<TestApp, 'url'>, name: string): Promise<Document> {
  const answer = await fetch(`${url}/openapi/${name}.json`)
  if (answer.status !== 200) throw new Error(`/openapi/${name}.json: ${answer.status}`)
  return (await answer.json()) as Document
}

/** One spelling: names of parameters, a slash at the end and HEAD beside GET make no other route. */
const spelled = (method: string, path: string) =>
  `${method.toUpperCase()} ${path.replace(/:\w+|\*|\{[^}]+\}/g, '{}').replace(/(?<=.)\/$/, '')}`

export const documentedRoutes = ({ paths }: Document): string[] =>
  [
    ...new Set(
      Object.entries(paths).flatMap(([path, item]) =>
        Object.keys(item)
          .filter(method => METHODS.includes(method) && method !== 'head')
          .map(method => spelled(method, path)),
      ),
    ),
  ].sort()

/** The routes of the server whose paths begin so. */
export async function servedRoutes({ app }: Pick<TestApp, 'app'>, ...roots: string[]): Promise<string[]> {
  const routes = (await routesOf(app)).map(route => route.split(' ') as [string, string])
  const own = routes.filter(
    ([method, path]) =>
      !['HEAD', 'OPTIONS'].includes(method) &&
      roots.some(root => path === root || path.startsWith(`${root}/`)),
  )
  return [...new Set(own.map(([method, path]) => spelled(method, path)))].sort()
}

/** An answer, and where it was given. */
export interface Given {
  readonly method: string
  /** As the document has it. */
  readonly path: string
  readonly status: number
  /** Of JSON. */
  readonly body?: unknown
}

/** Says what of an answer is not as the document has it; nothing where all is. */
export function documentedAnswers(document: Document): (given: Given) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'document')
  return ({ method, path, status, body }) => {
    const operation = document.paths[path]?.[method.toLowerCase()]
    if (!operation) return [`${method} ${path} is not documented`]
    const listed = operation.responses[status] ?? operation.responses.default
    if (!listed) return [`${method} ${path} documents no ${status}`]
    const pointer = '$ref' in listed ? listed.$ref : null
    const response =
      pointer === null
        ? (listed as Response)
        : document.components.responses?.[pointer.split('/').at(-1) ?? '']
    if (!response) return [`${pointer} is not there`]
    const type = Object.keys(response.content ?? {}).find(name => name.endsWith('json'))
    if (type === undefined)
      return body === undefined || body === null ? [] : [`${method} ${path} documents no body of ${status}`]
    const schema = response.content?.[type]?.schema ?? {}
    const validate = ajv.compile(absolute(schema))
    return validate(body)
      ? []
      : (validate.errors ?? []).map((error: ErrorObject) => `${error.instancePath} ${error.message}`)
  }
}

/** With references that are found from outside of the document. */
const absolute = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/'))
