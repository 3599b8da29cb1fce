import { MediaWriter } from '../../src/features/media/media-writer.ts'
import { Quarantine } from '../../src/features/scan/quarantine.ts'
import { ScanResults } from '../../src/features/scan/scan-results.ts'
import { Outbox } from '../../src/platform/events/outbox.ts'
import { ADMIN, type TestApp } from '../support/app.ts'
import { replaceContent } from '../support/replace.ts'
import { PRESIGNS } from '../support/stores.ts'
import { complete, put, type Ticket, ticketFor } from '../support/tickets.ts'
import { TusByHand } from '../support/tus.ts'

/** What is tried of a media that is held: to be rid of it, or of its content. */
export interface HeldMedia {
  readonly id: string
  /** No other media has it. */
  readonly tag: string
}

/** What a path comes to: the code of its refusal, or nothing, where what is held is passed over. */
type Outcome = string | null

export interface Path {
  /** Mutations, routes and jobs that are gone through. */
  readonly uses: readonly string[]
  /** What is done ahead of the hold, and while the media is not in the trash. */
  prepare?(gateway: TestApp, media: HeldMedia): Promise<unknown>
  attempt(gateway: TestApp, media: HeldMedia, prepared: unknown): Promise<Outcome>
  /** What it comes to of a held media, and of one that is held in the trash. */
  readonly comesTo: { readonly live: Outcome; readonly inTrash: Outcome }
}

const REFUSED = { live: 'LEGAL_HOLD', inTrash: 'NOT_FOUND' } as const
const REFUSED_FOR_GOOD = { live: 'LEGAL_HOLD', inTrash: 'LEGAL_HOLD' } as const
const PASSED_OVER = { live: null, inTrash: null } as const

async function mutate(gateway: TestApp, field: string, input: object): Promise<Outcome> {
  const isBatch = field.endsWith('Batch')
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
  const errors = `userErrors { code } ${isBatch ? 'results { userErrors { code } }' : ''}`
  const data = await gateway.query(`mutation M($input: ${type}!) { ${field}(input: $input) { ${errors} } }`, {
    input,
  })
  const { userErrors, results = [] } = data[field]
  return [...userErrors, ...(results[0]?.userErrors ?? [])][0]?.code ?? null
}

const deletion = (input: (media: HeldMedia) => object, comesTo: Path['comesTo']): Path => ({
  uses: ['Mutation.deleteMedia'],
  attempt: (gateway, media) => mutate(gateway, 'deleteMedia', input(media)),
  comesTo,
})

const batch = (input: (media: HeldMedia) => object, comesTo: Path['comesTo']): Path => ({
  uses: ['Mutation.deleteMediaBatch'],
  attempt: (gateway, media) => mutate(gateway, 'deleteMediaBatch', input(media)),
  comesTo,
})

const BYTES = Buffer.from('what should not come')

type Bring = (ticket: Ticket) => Promise<void>
const byPut: Bring = async ({ putUrl }) => void (await put(putUrl, BYTES))
const byTus: Bring = async ({ tusEndpoint }) => {
  const tus = new TusByHand(tusEndpoint ?? '', null)
  await tus.patch(await tus.create(BYTES.length), 0, { body: BYTES })
}

/** In parts, of which there is one. */
const toTheStore: Bring = async ({ presigned }) => {
  const [{ method, url } = { method: '', url: '' }] = (
    presigned as { requests: readonly { readonly method: string; readonly url: string }[] }
  ).requests
  expect((await fetch(url, { method, body: BYTES })).status).toBe(200)
}

const PUT = 'PUT /uploads/tickets/:ticket'
const TUS = ['POST /uploads/tickets/:ticket', 'PATCH /uploads/tickets/:ticket/:id']

/** A ticket for a new content that was given, and got its bytes, ahead of the hold. */
const earlierTicket = (uses: readonly string[], bring: Bring, input: object = {}): Path => ({
  uses: ['Mutation.createUpload', 'Mutation.completeUpload', ...uses],
  async prepare(gateway, { id }) {
    const ticket = await ticketFor(gateway, { replaces: { id }, ...input })
    await bring(ticket)
    return ticket
  },
  attempt: async (gateway, _, ticket) =>
    (await complete(gateway, (ticket as Ticket).id)).userErrors[0]?.code ?? null,
  comesTo: REFUSED,
})

/** A ticket that was given for nothing in particular, and completed by a replacement. */
const ticketAsContent = (uses: readonly string[], bring: Bring): Path => ({
  uses: ['Mutation.createUpload', 'Mutation.replaceMediaContent', ...uses],
  async attempt(gateway, { id }) {
    const ticket = await ticketFor(gateway)
    await bring(ticket)
    return mutate(gateway, 'replaceMediaContent', { id, ticketId: ticket.id })
  },
  comesTo: REFUSED,
})

/** What a scan has found in a content, where the operator has infected ones deleted. */
const infected = (contentVersion: number): Path => ({
  uses: ['media.process'],
  async attempt({ app }, { id }) {
    const { database, newId } = app.foundation
    const outbox = new Outbox({ newId })
    const writer = new MediaWriter({ outbox, trashDays: 0 })
    const quarantine = new Quarantine({ writer, infected: 'delete' })
    const results = new ScanResults({ database, outbox, quarantine })
    await results.write({ mediaId: id, contentVersion }, { state: 'INFECTED', detail: 'a test' })
    return null
  },
  comesTo: PASSED_OVER,
})

/** By the API of Bandwidth, where a media is known by its name, or by its id and the name of its file. */
const bandwidth = (method: 'PUT' | 'DELETE'): Path => ({
  uses: [`${method} /api/v2/users/:accountId/media/*`],
  async attempt({ url }, { id }) {
    const answer = await fetch(`${url}/api/v2/users/acme/media/${id}/file.bin`, {
      method,
      headers: { authorization: ADMIN },
      body: method === 'PUT' ? BYTES : undefined,
    })
    return answer.ok ? null : ((await answer.json()) as { type: string }).type
  },
  // Of what lies in the trash the name is free.
  comesTo: { live: 'forbidden', inTrash: null },
})

/** Every way to be rid of a media or of a content of it, but for the jobs: those are all tried, whatever they do. */
export const PATHS = {
  deleteMedia: deletion(({ id }) => ({ id }), REFUSED),
  'deleteMedia, permanent': deletion(({ id }) => ({ id, permanent: true }), REFUSED_FOR_GOOD),
  'deleteMediaBatch by ids': batch(({ id }) => ({ ids: [id] }), REFUSED),
  'deleteMediaBatch by ids, atomic': batch(({ id }) => ({ ids: [id], atomic: true }), {
    live: 'BATCH_UNDONE',
    inTrash: 'BATCH_UNDONE',
  }),
  'deleteMediaBatch by items': batch(({ id }) => ({ items: [{ id }] }), REFUSED),
  'deleteMediaBatch by filter': batch(({ tag }) => ({ filter: { tag: [tag] } }), PASSED_OVER),
  'deleteMediaBatch by ids, permanent': batch(({ id }) => ({ ids: [id], permanent: true }), REFUSED_FOR_GOOD),
  'deleteMediaBatch by items, permanent': batch(
    ({ id }) => ({ items: [{ id }], permanent: true }),
    REFUSED_FOR_GOOD,
  ),
  'deleteMediaBatch by filter, permanent': batch(
    ({ tag }) => ({ filter: { tag: [tag] }, permanent: true }),
    PASSED_OVER,
  ),
  'deleteMediaBatch, emptying the trash': batch(
    () => ({ filter: { deleted: true }, permanent: true }),
    PASSED_OVER,
  ),
  'replaceMediaContent by file': {
    uses: ['Mutation.replaceMediaContent', 'POST /graphql'],
    attempt: async ({ url }, { id }) =>
      (await replaceContent({ url, authorization: ADMIN }, { bytes: BYTES }, { id })).userErrors[0]?.code ??
      null,
    comesTo: REFUSED,
  },
  'replaceMediaContent by a ticket, PUT': ticketAsContent([PUT], byPut),
  'replaceMediaContent by a ticket, tus': ticketAsContent(TUS, byTus),
  'createUpload for a new content': {
    uses: ['Mutation.createUpload'],
    attempt: (gateway, { id }) => mutate(gateway, 'createUpload', { replaces: { id } }),
    comesTo: REFUSED,
  },
  'completeUpload of an earlier ticket, PUT': earlierTicket([PUT], byPut),
  'completeUpload of an earlier ticket, tus': earlierTicket(TUS, byTus),
  ...(PRESIGNS && {
    'completeUpload of an earlier ticket, presigned': earlierTicket([], toTheStore, {
      presigned: true,
      size: BYTES.length,
    }),
  }),
  'PUT of the Bandwidth media API': bandwidth('PUT'),
  'DELETE of the Bandwidth media API': bandwidth('DELETE'),
  'DELETE of the Apizee facade': {
    uses: ['DELETE /api/v3/medias/:mediaId'],
    async attempt({ app, url }, { id }) {
      const [row] = await app.foundation.database.query<{ number: number }>(
        'SELECT number FROM media WHERE id = $1',
        [id],
      )
      const headers = { authorization: ADMIN }
      const answer = await fetch(`${url}/api/v3/medias/${row?.number}`, { method: 'DELETE', headers })
      return ((await answer.json()) as { code: string }).code.toUpperCase()
    },
    comesTo: REFUSED_FOR_GOOD,
  },
  'a scan that finds the present content infected': infected(2),
  'a scan that finds a replaced content infected': infected(1),
  'DELETE of the Contentive media API': {
    uses: ['DELETE /api/media/:id'],
    async attempt({ url }, { id }) {
      const headers = { authorization: ADMIN }
      const { status } = await fetch(`${url}/api/media/${id}`, { method: 'DELETE', headers })
      return { 409: 'LEGAL_HOLD', 404: 'NOT_FOUND' }[status] ?? null
    },
    comesTo: REFUSED,
  },
  'DELETE of the Vonage Media API': {
    uses: ['DELETE /v3/media/:id'],
    async attempt({ url }, { id }) {
      const headers = { authorization: ADMIN }
      const answer = await fetch(`${url}/v3/media/${id}`, { method: 'DELETE', headers })
      return answer.ok ? null : (await answer.json()).code
    },
    comesTo: REFUSED,
  },
  'doctor --repair': {
    uses: ['cli doctor'],
    async attempt({ app }) {
      await app.doctor.repair({ quick: true })
      return null
    },
    comesTo: PASSED_OVER,
  },
} as const satisfies Record<string, Path>

/** Mutations and routes that change something, and that cannot take away a media or a content of it; and why not. */
export const HARMLESS = {
  'Mutation.addToCollection': 'says where a media stands',
  'Mutation.applyLegalHold': 'keeps',
  'Mutation.createApiKey': 'is about credentials',
  'Mutation.createApplication': 'is about credentials',
  'Mutation.createCollection': 'is about collections',
  'Mutation.createShareLink': 'shares',
  'Mutation.createWebhook': 'is about who is told',
  'Mutation.deleteCollection': 'takes a list away, not what is in it',
  'Mutation.deleteWebhook': 'is about who is told',
  'Mutation.importMedia': 'makes new media alone',
  'Mutation.redeliverWebhook': 'tells once more',
  'Mutation.releaseLegalHold': 'is the release',
  'Mutation.removeFromCollection': 'says where a media stands',
  'Mutation.reprocessMedia': 'finds the facts of a content anew',
  'Mutation.restoreMedia': 'takes out of the trash',
  'Mutation.revokeApiKey': 'is about credentials',
  'Mutation.revokeApplication': 'is about credentials',
  'Mutation.revokeShareLink': 'ends a link',
  'Mutation.rotateApiKey': 'is about credentials',
  'Mutation.rotateWebhookSecret': 'is about who is told',
  'Mutation.testWebhook': 'tells nothing of media',
  'Mutation.updateCollection': 'is about collections',
  'Mutation.updateWebhook': 'is about who is told',
  'Mutation.updateMedia': 'changes what is said',
  'Mutation.updateMediaBatch': 'changes what is said',
  'Mutation.uploadMedia': 'makes new media alone',
  'Mutation.uploadMediaBatch': 'makes new media alone',
  'POST /graphql/stream': 'is for subscriptions alone',
  'POST /media/archive': 'reads',
  'PUT /graphql': 'is refused by method',
  'PATCH /graphql': 'is refused by method',
  'DELETE /graphql': 'is refused by method',
  'POST /api/media': 'makes new media alone',
  'POST /api/media/': 'makes new media alone',
  'POST /v3/media': 'makes new media alone',
  'POST /v3/media/': 'makes new media alone',
  'PUT /v3/media/:id': 'changes what is said',
  'PUT /v3/media/:id/info': 'changes what is said',
  'POST /v3/media/:id/info': 'changes what is said',
  'PUT /api/v3/medias/:mediaId': 'changes what is said',
  'POST /uploads': 'makes new media alone',
  'PATCH /uploads/:id': 'makes new media alone',
  'POST /uploads/:id': 'makes new media alone',
  'DELETE /uploads/:id': 'ends an upload that is no media',
  'POST /uploads/tickets/:ticket/:id': 'is PATCH in disguise',
  'DELETE /uploads/tickets/:ticket/:id': 'ends an upload that is no media',
} as const satisfies Record<string, string>
