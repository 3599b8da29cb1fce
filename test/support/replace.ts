import { multipart, type UploadPart } from './gql.ts'

export const REPLACE = `mutation R($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) { clientMutationId
  media { id title tags revision contentVersion size sha256 etag mimeType kind width height originalFileName contentUpdatedAt }
  userErrors { __typename code field ... on RevisionConflictError { current } ... on FileTooLargeError { limit } } } }`

export interface ReplaceAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: what is selected differs from test to test.
  readonly media: any
  readonly clientMutationId: string | null
  readonly userErrors: ReadonlyArray<{ __typename: string; code: string; field: string[]; current?: string }>
}

/** Replaces the content of a media by a GraphQL multipart request; gives the payload. */
export async function replaceContent(
  { url, authorization }: { readonly url: string; readonly authorization: string },
  part: UploadPart,
  input: Record<string, unknown>,
): Promise<ReplaceAnswer> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization, 'apollo-require-preflight': 'true' },
    body: multipart(REPLACE, { input: { ...input, file: null } }, { 'variables.input.file': part }),
  })
  const { data, errors } = (await answer.json()) as {
    data: { replaceMediaContent: ReplaceAnswer }
    errors?: readonly unknown[]
  }
  if (errors) throw new Error(JSON.stringify(errors))
  return data.replaceMediaContent
}
