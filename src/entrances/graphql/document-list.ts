import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'graphql'
import type { Parsed } from '../../platform/config.ts'
import { LIMITS } from './limits.ts'

/** The SHA-256 of a document's text, in hexadecimal: its id by every convention that is known here. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The documents that the operator lists, by their ids. */
export class DocumentList {
  readonly #byId: ReadonlyMap<string, string>
  readonly #texts: ReadonlySet<string>

  constructor(
    readonly path: string,
    documents: ReadonlyMap<string, string>,
  ) {
    this.#byId = documents
    this.#texts = new Set(documents.values())
  }

  get(id: string): string | undefined {
    return this.#byId.get(id)
  }

  has(text: string): boolean {
    return this.#texts.has(text)
  }

  /** What is printed of it at start-up. */
  toJSON(): string {
    return `${this.path} (${this.#byId.size} documents)`
  }
}

/**
 * Reads a list of documents: a persisted query manifest (`{ "format": "apollo-persisted-query-manifest", "version": 1,
 * "operations": [{ "id", "body" }] }`), or a plain object of ids and texts, as relay-compiler and graphql-codegen write it.
 * Each must be GraphQL; an id that looks like a SHA-256 must be that of its text.
 */
export function documentList(path: string): Parsed<DocumentList> {
  const refuse = (what: string) => ({ allowed: `a file of persisted documents, but ${what}` })
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return refuse(`it cannot be read: ${(error as Error).message}`)
  }
  const entries = entriesOf(json)
  if (!entries) return refuse('it is neither a persisted query manifest nor an object of ids and documents')
  const documents = new Map<string, string>()
  for (const [id, text] of entries) {
    const problem = problemOf(id, text) ?? (documents.has(id) ? 'is there twice' : null)
    if (problem) return refuse(`the document ${JSON.stringify(id)} ${problem}`)
    documents.set(id, text as string)
  }
  return documents.size > 0 ? { value: new DocumentList(path, documents) } : refuse('there is none in it')
}

function entriesOf(json: unknown): (readonly [string, unknown])[] | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null
  const { format, version, operations } = json as Record<string, unknown>
  if (format === undefined) return Object.entries(json)
  if (format !== 'apollo-persisted-query-manifest' || version !== 1 || !Array.isArray(operations)) return null
  return operations.map((operation: { id?: unknown; body?: unknown } | null) => [
    String(operation?.id),
    operation?.body,
  ])
}

function problemOf(id: string, text: unknown): string | null {
  if (typeof text !== 'string') return 'has no text'
  if (/^[0-9a-f]{64}$/.test(id) && sha256(text) !== id) return 'is not the text that its SHA-256 stands for'
  try {
    parse(text, { noLocation: true, maxTokens: LIMITS.tokens })
    return null
  } catch (error) {
    return `is no GraphQL: ${(error as Error).message}`
  }
}
