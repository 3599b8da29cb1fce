import type { GraphQLClient } from './gql.ts'

export interface Ticket {
  readonly id: string
  readonly putUrl: string
  readonly tusEndpoint: string | null
  readonly presigned: unknown
  readonly expiresAt: string
}

interface Answer<T> {
  readonly userErrors: ReadonlyArray<{
    __typename: string
    code: string
    field: string[] | null
    duplicateOf?: string
  }>
  readonly result: T | null
}

const USER_ERRORS =
  'userErrors { __typename code message field ... on FileTooLargeError { limit actual } ... on DuplicateContentError { duplicateOf } }'

/** Asks for a ticket; gives the payload. */
export async function askForTicket(
  client: GraphQLClient,
  input: Record<string, unknown> = {},
): Promise<Answer<Ticket>> {
  const { createUpload } = await client.query(
    `mutation C($input: CreateUploadInput!) { createUpload(input: $input) {
       ticket { id putUrl tusEndpoint presigned { partSize requests { method url } } expiresAt } ${USER_ERRORS} } }`,
    { input },
  )
  return { result: createUpload.ticket, userErrors: createUpload.userErrors }
}

/** As `askForTicket`, where one must be given. */
export async function ticketFor(client: GraphQLClient, input: Record<string, unknown> = {}): Promise<Ticket> {
  const { result, userErrors } = await askForTicket(client, input)
  if (!result) throw new Error(JSON.stringify(userErrors))
  return result
}

// biome-ignore lint/suspicious/noExplicitAny: what is selected differs from test to test.
export async function complete(client: GraphQLClient, id: string, selection = 'id'): Promise<Answer<any>> {
  const { completeUpload } = await client.query(
    `mutation C($id: ID!) { completeUpload(input: { id: $id }) { media { ${selection} } ${USER_ERRORS} } }`,
    { id },
  )
  return { result: completeUpload.media, userErrors: completeUpload.userErrors }
}

/** Puts bytes to a ticket; gives the status and the body, parsed. */
export async function put(
  url: string,
  bytes: Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
  // biome-ignore lint/suspicious/noExplicitAny: results and errors have different shapes.
): Promise<{ status: number; body: any }> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers,
    body: bytes as BodyInit,
    ...(bytes instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit)
  return { status: answer.status, body: await answer.json() }
}
