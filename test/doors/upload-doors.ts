import { asked, type Came, type Door, type Refusal, type Sent, type Site, tellsBy } from './door.ts'
import { below, type MediaPayload, mutate, ofMedia, placeholder } from './graphql-doors.ts'
import { type Course, sendByTus } from './tus-client.ts'
import { exchange, extended } from './wire.ts'

interface Ticket {
  readonly id: string
  readonly putUrl: string
  readonly tusEndpoint: string
}
type TicketPayload = { readonly ticket: Ticket; readonly userErrors: [] }

/** Brings bytes to a ticket; null when they came, undefined when it was cut. */
type Bring = (ticket: Ticket, sent: Sent) => Promise<Refusal | null | undefined>

const putting =
  (isChunked: boolean): Bring =>
  async ({ putUrl: url }, { bytes, fileName, mimeType, halfway }) => {
    const headers = {
      ...(mimeType === undefined ? {} : { 'content-type': mimeType }),
      ...(fileName === undefined
        ? {}
        : { 'content-disposition': `attachment; filename*=${extended(fileName)}` }),
    }
    const reply = await exchange({ method: 'PUT', url, headers, body: [bytes], isChunked, halfway })
    if (!reply) return undefined
    if (reply.status === 201) return null
    const { code, field } = JSON.parse(reply.text).error
    return { protocol: 'put', code, field: below('input', field), told: String(reply.status) }
  }

const byTus =
  (course: Course): Bring =>
  async ({ tusEndpoint: url }, { bytes, fileName, mimeType, halfway }) => {
    const came = await sendByTus({ url, headers: {} }, { bytes, fileName, mimeType, halfway }, course)
    return came === 'cut' ? undefined : (came.refusal ?? null)
  }

interface TicketWay {
  readonly input: object
  readonly bring: Bring
  readonly complete: (ticket: Ticket) => Promise<Came>
}

async function throughTicket(site: Site, sent: Sent, { input, bring, complete }: TicketWay): Promise<Came> {
  const how = { input, selection: 'ticket { id putUrl tusEndpoint }' }
  const made = await mutate<TicketPayload>(site, 'createUpload', how)
  if (made.refusal) return made
  const { ticket } = made.payload
  const refusal = await bring(ticket, sent)
  if (refusal === undefined) return {}
  return refusal ? { refusal } : complete(ticket)
}

const completing =
  (site: Site) =>
  async ({ id }: Ticket): Promise<Came> =>
    ofMedia(await mutate<MediaPayload>(site, 'completeUpload', { input: { id }, selection: 'media { id }' }))

const TICKET = ['Mutation.createUpload', 'Mutation.completeUpload']

function ticketDoor(name: string, uses: readonly string[], bring: Bring): Door {
  return {
    name: `createUpload, ${name}`,
    uses: [...TICKET, ...uses],
    makes: 'media',
    hasPolicy: true,
    keeps: name.startsWith('PUT') ? 'nothing' : 'what came',
    tells: tellsBy('graphql', name.startsWith('PUT') ? 'put' : 'tus'),
    send: (site, sent) =>
      throughTicket(site, sent, { input: sent.fields ?? {}, bring, complete: completing(site) }),
  }
}

function tusDoor(course: Course, uses: readonly string[]): Door {
  return {
    name: `tus, ${course}`,
    uses,
    makes: 'media',
    hasPolicy: true,
    keeps: 'what came',
    tells: tellsBy('tus'),
    async send(site, sent) {
      const came = await sendByTus({ url: `${site.gateway.url}/uploads`, headers: asked(site) }, sent, course)
      if (came === 'cut') return {}
      return came.refusal ? { refusal: came.refusal } : { mediaId: came.mediaId ?? 'no Media-Id' }
    },
  }
}

const CREATION = 'POST /uploads'
const OF_TICKET = 'POST /uploads/tickets/:ticket'

export const UPLOAD_DOORS: readonly Door[] = [
  ticketDoor('PUT with Content-Length', ['PUT /uploads/tickets/:ticket'], putting(false)),
  ticketDoor('PUT in chunks', ['PUT /uploads/tickets/:ticket'], putting(true)),
  ticketDoor('tus', [OF_TICKET, 'PATCH /uploads/tickets/:ticket/:id'], byTus('one PATCH')),
  ticketDoor('tus in parts', [OF_TICKET, 'PATCH /uploads/tickets/:ticket/:id'], byTus('parts')),
  ticketDoor('tus in disguise', [OF_TICKET, 'POST /uploads/tickets/:ticket/:id'], byTus('POST in disguise')),
  tusDoor('one PATCH', [CREATION, 'PATCH /uploads/:id']),
  tusDoor('creation', [CREATION]),
  tusDoor('parts', [CREATION, 'PATCH /uploads/:id']),
  tusDoor('deferred length', [CREATION, 'PATCH /uploads/:id']),
  tusDoor('POST in disguise', [CREATION, 'POST /uploads/:id']),
  {
    name: 'createUpload, PUT, replaceMediaContent',
    uses: ['Mutation.createUpload', 'PUT /uploads/tickets/:ticket', 'Mutation.replaceMediaContent'],
    makes: 'content',
    hasPolicy: false,
    keeps: 'nothing',
    tells: tellsBy('graphql', 'put'),
    async send(site, sent) {
      const id = await placeholder(site, sent)
      const complete = async (ticket: Ticket) => {
        const how = { input: { id, ticketId: ticket.id }, selection: 'media { id }' }
        return ofMedia(await mutate<MediaPayload>(site, 'replaceMediaContent', how))
      }
      return throughTicket(site, sent, { input: {}, bring: putting(false), complete })
    },
  },
  {
    name: 'createUpload of a replacement, tus, completeUpload',
    uses: [...TICKET, OF_TICKET, 'PATCH /uploads/tickets/:ticket/:id'],
    makes: 'content',
    hasPolicy: false,
    keeps: 'what came',
    tells: tellsBy('graphql', 'tus'),
    async send(site, sent) {
      const input = { replaces: { id: await placeholder(site, sent) } }
      return throughTicket(site, sent, { input, bring: byTus('one PATCH'), complete: completing(site) })
    },
  },
]
