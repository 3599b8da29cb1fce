import assert from 'node:assert/strict'
import { askGraphQL, type Host } from './ask.ts'

export interface Ticket {
  readonly id: string
  /** Of its URL. */
  readonly path: string
}

export async function newTicket(host: Host, fileName?: string): Promise<Ticket> {
  const { createUpload } = await askGraphQL<{ createUpload: { ticket: { id: string; putUrl: string } } }>(
    host,
    'mutation ($fileName: String) { createUpload(input: { fileName: $fileName }) { ticket { id putUrl } } }',
    { fileName },
  )
  const { id, putUrl } = createUpload.ticket
  return { id, path: new URL(putUrl).pathname }
}

/** The id of the media that it is now. */
export async function completeTicket(host: Host, { id }: Ticket): Promise<string> {
  const { completeUpload } = await askGraphQL<{ completeUpload: { media: { id: string } | null } }>(
    host,
    'mutation ($id: ID!) { completeUpload(input: { id: $id }) { media { id } userErrors { code } } }',
    { id },
  )
  assert(completeUpload.media, JSON.stringify(completeUpload))
  return completeUpload.media.id
}
