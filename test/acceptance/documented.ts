import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { apizeeDocument } from '../../src/entrances/facades/apizee/openapi.ts'
import { bandwidthDocument } from '../../src/entrances/facades/bandwidth/openapi.ts'
import { cmsDocument } from '../../src/entrances/facades/cms/openapi.ts'
import type { FacadeName } from '../../src/entrances/facades/facade.ts'
import { vonageDocument } from '../../src/entrances/facades/vonage/openapi.ts'
import type { TestApp } from '../support/app.ts'
import { routesOf } from '../support/routes.ts'

type Security = readonly object[]

interface Operation {
  readonly security?: Security
  readonly responses: Readonly<Record<string, Referable<Response>>>
}
interface Response {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
type Referable<T> = T | { readonly $ref: string }

/** An OpenAPI document as it is served. */
export interface Document extends Described {
  readonly openapi: string
  readonly info: { readonly title: string }
  readonly servers: readonly { readonly url: string }[]
}

/** What is said of operations. */
interface Described {
  readonly security?: Security
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly responses?: Readonly<Record<string, Response>>
    readonly securitySchemes?: Readonly<Record<string, object>>
  }
}

const DOCUMENTS = {
  vonage: vonageDocument,
  bandwidth: bandwidthDocument,
  cms: cmsDocument,
  apizee: apizeeDocument,
} as const satisfies Record<FacadeName, object>

const METHODS = ['get', 'head', 'put', 'post', 'delete', 'patch', 'options']

export async function documentOf({ url }: Pick<TestApp, 'url'>, name: string): Promise<Document> {
  const answer = await fetch(`${url}/openapi/${name}.json`)
  if (answer.status !== 200) throw new Error(`/openapi/${name}.json: ${answer.status}`)
  return (await answer.json()) as Document
}

/** One spelling: names of parameters, a slash at the end and HEAD beside GET make no other route. */
const spelled = (method: string, path: string) =>
  `${method.toUpperCase()} ${path.replace(/:\w+|\*|\{[^}]+\}/g, '{}').replace(/(?<=.)\/$/, '')}`

/** Each operation by its route. */
const operationsOf = ({ paths }: Described): Map<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]): [string, Operation] => [spelled(method, path), operation]),
    ),
  )

export const documentedRoutes = (document: Document): string[] =>
  [...operationsOf(document).keys()].filter(route => !route.startsWith('HEAD ')).sort()

/**
 * What the documents do not tell of an API as gateways have served it: operations that do not say which credential they need, and
 * statuses of answers, which are taken from the access log.
 */
export function undocumented(name: FacadeName, log: TestApp['log']): string[] {
  const document = DOCUMENTS[name] as unknown as Described
  const operations = operationsOf(document)
  const schemes = Object.keys(document.components.securitySchemes ?? {})
  const isStated = ({ security = document.security }: Operation) =>
    security?.flatMap(each => Object.keys(each)).every(scheme => schemes.includes(scheme)) ?? false
  const answers = log.flatMap(({ msg, method, route, status }) =>
    msg === 'request' && typeof route === 'string' && status !== null
      ? [{ route: spelled(method as string, route), status: status as number }]
      : [],
  )
  const unheard = answers.flatMap(({ route, status }) => {
    const { responses } = operations.get(route) ?? operations.get(route.replace(/^HEAD/, 'GET')) ?? {}
    const isDocumented = !responses || status in responses || `${String(status)[0]}XX` in responses
    return isDocumented ? [] : [`${route} documents no ${status}`]
  })
  const unsaid = [...operations].filter(([, operation]) => !isStated(operation))
  return [...new Set([...unheard, ...unsaid.map(([route]) => `${route} does not say what it needs`)])]
}

/** Closes a gateway that has served an API, and throws where its answers were not all documented. */
export async function closeDocumented(gateway: TestApp, name: FacadeName): Promise<void> {
  await gateway.close()
  const lacking = undocumented(name, gateway.log)
  if (lacking.length > 0) throw new Error(lacking.join('; '))
}

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
