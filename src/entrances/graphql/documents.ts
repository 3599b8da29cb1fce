import { commonErrors } from '../../platform/errors.ts'
import { type DocumentList, sha256 } from './document-list.ts'
import { operationErrors } from './operation.errors.ts'

/** Where clients say which document they mean; whatever was sent, in whatever form. */
export interface DocumentRequest {
  readonly query?: unknown
  /** GraphQL over HTTP, appendix "Persisted Documents"; with or without `sha256:` before it. */
  readonly documentId?: unknown
  /** `persistedQuery { version sha256Hash }`: automatic persisted queries, and manifests of Apollo's clients. */
  readonly extensions?: unknown
}

/** What is to be executed. */
export interface ResolvedDocument {
  /** Undefined where none was sent, or where `hash` alone names one that was registered before. */
  readonly query?: string
  /** The document's hash in a request that registers it or asks for a registered one. */
  readonly hash?: string
}

/** Which document a request means, and whether it may be executed at all; for every door of GraphQL. */
export class Documents {
  constructor(
    private readonly deps: {
      /** Those that can be asked for by their id; null without a list. */
      readonly list: DocumentList | null
      /** Whether nothing else is executed. */
      readonly listedOnly: boolean
    },
  ) {}

  /** @throws BAD_REQUEST for an id that is none, or not that of the text beside it; DOCUMENT_NOT_TRUSTED */
  resolve(request: DocumentRequest): ResolvedDocument {
    const { list, listedOnly } = this.deps
    const query = textOf(request.query)
    const id = idOf(request.documentId)
    const hash = hashOf(request.extensions)
    const name = id ?? hash
    const listed = name === undefined ? undefined : list?.get(name)
    if (listed !== undefined) {
      if (query !== undefined && query !== listed)
        throw commonErrors.BAD_REQUEST(
          'The query is not the document that its id stands for. Send one of them.',
        )
      return { query: listed }
    }
    if (listedOnly && !(query !== undefined && list?.has(query))) {
      throw operationErrors.DOCUMENT_NOT_TRUSTED(
        'This gateway executes the documents of its list only. Send the id of one of them, or its exact text.',
      )
    }
    if (id !== undefined) {
      throw operationErrors.DOCUMENT_NOT_TRUSTED(
        'No document of the list has this id. Send the document as "query", or have it listed.',
      )
    }
    if (query !== undefined && hash !== undefined && sha256(query) !== hash)
      throw commonErrors.BAD_REQUEST('extensions.persistedQuery.sha256Hash is not the SHA-256 of the query.')
    // What is listed already need not be registered.
    return listedOnly || hash === undefined ? { query } : { query, hash }
  }
}

function textOf(query: unknown): string | undefined {
  if (query === undefined || query === null) return undefined
  if (typeof query !== 'string') throw commonErrors.BAD_REQUEST('"query" must be a string.')
  return query
}

function idOf(documentId: unknown): string | undefined {
  if (documentId === undefined || documentId === null) return undefined
  if (typeof documentId !== 'string') throw commonErrors.BAD_REQUEST('"documentId" must be a string.')
  return documentId.replace(/^sha256:/, '')
}

function hashOf(extensions: unknown): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: unknown }
  if (persistedQuery === undefined || persistedQuery === null) return undefined
  const { version, sha256Hash } = persistedQuery as { version?: unknown; sha256Hash?: unknown }
  if (version !== 1)
    throw commonErrors.BAD_REQUEST('extensions.persistedQuery.version must be 1; there is no other.')
  if (typeof sha256Hash !== 'string' || !/^[\w:.-]{1,256}$/.test(sha256Hash))
    throw commonErrors.BAD_REQUEST('extensions.persistedQuery.sha256Hash must be the id of a document.')
  return sha256Hash
}
