export interface GraphQLAnswer<T> {
  readonly status: number
  readonly headers: Headers
  readonly data: T
  readonly errors?: ReadonlyArray<{ message: string; path?: string[]; extensions: Record<string, unknown> }>
}

export interface UploadPart {
  readonly bytes: Uint8Array | Blob
  readonly fileName?: string
  readonly mimeType?: string
}

export interface GraphQLClient {
  /** The answer as it came, errors included. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  send<T = any>(query: string, variables?: Record<string, unknown>): Promise<GraphQLAnswer<T>>
  /** The data of an answer that must have no errors. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  query<T = any>(query: string, variables?: Record<string, unknown>): Promise<T>
  /** Uploads one file; gives the payload. */
  upload(part: UploadPart, input?: Record<string, unknown>, selection?: string): Promise<UploadAnswer>
}

export interface UploadAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: what is selected differs from test to test.
  readonly media: any
  readonly userErrors: ReadonlyArray<{
    __typename: string
    code: string
    message: string
    field: string[] | null
    limit?: number
    duplicateOf?: string
  }>
}

export const MEDIA_FIELDS =
  'id name originalFileName title kind mimeType status size sha256 etag width height createdAt'

/** Multipart request of the GraphQL multipart request specification. */
export function multipart(
  query: string,
  variables: Record<string, unknown>,
  files: Record<string, UploadPart>,
): FormData {
  const form = new FormData()
  form.set('operations', JSON.stringify({ query, variables }))
  form.set(
    'map',
    JSON.stringify(Object.fromEntries(Object.keys(files).map((path, i) => [String(i), [path]]))),
  )
  for (const [i, { bytes, fileName, mimeType }] of Object.values(files).entries()) {
    const blob =
      bytes instanceof Blob ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType })
    form.set(String(i), blob, fileName ?? 'file.bin')
  }
  return form
}

export function graphqlClient(url: string, authorization: string | null): GraphQLClient {
  const headers: Record<string, string> = {
    'apollo-require-preflight': 'true',
    ...(authorization ? { authorization } : {}),
  }
  const read = async (response: Response) => ({
    status: response.status,
    headers: response.headers,
    ...((await response.json()) as { data: never; errors?: never }),
  })
  const client: GraphQLClient = {
    async send(query, variables = {}) {
      const body = JSON.stringify({ query, variables })
      return read(
        await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body,
        }),
      )
    },
    async query(query, variables) {
      const { data, errors } = await client.send(query, variables)
      if (errors) throw new Error(JSON.stringify(errors))
      return data
    },
    async upload(part, input = {}, selection = MEDIA_FIELDS) {
      const query = `mutation Upload($input: UploadMediaInput!) { uploadMedia(input: $input) {
        media { ${selection} } userErrors { __typename code message field
          ... on FileTooLargeError { limit actual } ... on DuplicateContentError { duplicateOf }
          ... on QuotaExceededError { quota limit used reserved requested } } } }`
      const body = multipart(query, { input: { ...input, file: null } }, { 'variables.input.file': part })
      const { data, errors } = await read(await fetch(`${url}/graphql`, { method: 'POST', headers, body }))
      if (errors) throw new Error(JSON.stringify(errors))
      return (data as { uploadMedia: UploadAnswer }).uploadMedia
    },
  }
  return client
}
