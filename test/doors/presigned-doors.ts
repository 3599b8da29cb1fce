import { createHash } from 'node:crypto'
import { type Came, type Door, type Sent, type Site, tellsBy } from './door.ts'
import { type MediaPayload, mutate, ofMedia } from './graphql-doors.ts'
import { exchange } from './wire.ts'

interface PresignedTicket {
  readonly id: string
  readonly presigned: {
    readonly partSize: number | null
    readonly requests: ReadonlyArray<{
      readonly method: string
      readonly url: string
      readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
    }>
  }
}
type TicketPayload = { readonly ticket: PresignedTicket; readonly userErrors: [] }

const SELECTION = 'ticket { id presigned { partSize requests { method url headers { name value } } } }'

/** Whether all of it was sent. The store's answers say nothing of the file: what came of it is told on completion. */
async function sendToStore({ presigned }: PresignedTicket, { bytes, halfway }: Sent): Promise<boolean> {
  const partSize = presigned.partSize ?? bytes.length
  for (const [i, { method, url, headers }] of presigned.requests.entries()) {
    const body = [bytes.subarray(i * partSize, (i + 1) * partSize)]
    const named = Object.fromEntries(headers.map(({ name, value }) => [name, value]))
    if (!(await exchange({ method, url, headers: named, body, halfway }))) return false
  }
  return true
}

async function throughStore(site: Site, sent: Sent, known: { readonly sha256?: string }): Promise<Came> {
  const { bytes, fileName, mimeType, fields } = sent
  const input = { ...fields, fileName, mimeType, ...known, size: bytes.length, presigned: true }
  const made = await mutate<TicketPayload>(site, 'createUpload', { input, selection: SELECTION })
  if (made.refusal) return made
  const { ticket } = made.payload
  if (!(await sendToStore(ticket, sent))) return {}
  const completion = { input: { id: ticket.id }, selection: 'media { id }' }
  return ofMedia(await mutate<MediaPayload>(site, 'completeUpload', completion))
}

const presignedDoor = (what: string, known: (bytes: Uint8Array) => { readonly sha256?: string }): Door => ({
  name: `createUpload, presigned ${what}`,
  uses: ['Mutation.createUpload', 'Mutation.completeUpload'],
  makes: 'media',
  hasPolicy: true,
  keeps: 'what came',
  tells: tellsBy('graphql'),
  saysName: true,
  names: { file: 'size' },
  send: (site, sent) => throughStore(site, sent, known(sent.bytes)),
})

/** Ways past the gateway into its store, and into a media from there. */
export const PRESIGNED_DOORS: readonly Door[] = [
  presignedDoor('for a SHA-256', bytes => ({ sha256: createHash('sha256').update(bytes).digest('hex') })),
  presignedDoor('in parts', () => ({})),
]
