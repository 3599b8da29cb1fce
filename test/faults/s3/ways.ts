import { ask, type Host, UnexpectedAnswer } from '../ask.ts'
import { Client } from '../client.ts'
import { join, ResumedUpload } from '../resumed-upload.ts'
import { AUTHORIZATION, type Site } from '../site.ts'
import { bytesOf, type Specimen } from '../specimen.ts'
import { completeTicket, newTicket, type Ticket } from '../ticket.ts'

/** One client with one file. */
export interface Sender {
  /** Does what is not known to be done; gives the id of the media. Rejects as `ask` does: it may be called again. */
  readonly send: (site: Site) => Promise<string>
}

const ENDPOINT = '/uploads'
/** A large file comes in a few requests, none of which is a whole number of parts in the store. */
const PIECE = 6_000_000

const BEARER = AUTHORIZATION.slice('Bearer '.length)

export const hostOf = async (site: Site): Promise<Host> => ({
  origin: await site.gateway.origin(),
  authorization: AUTHORIZATION,
})

/** The ways in that the faults of a store are tried at. */
export const WAYS = {
  multipart: specimen => ({
    async send(site) {
      // On a connection of its own: one that was kept may be closed by now, which is none of the store's faults.
      const client = new Client(await site.gateway.origin(), BEARER)
      const outcome = await client.upload(specimen, { idempotencyKey: specimen.name })
      if (outcome.kind === 'acknowledged') return outcome.id
      if (outcome.kind === 'refused') throw new UnexpectedAnswer('the multipart mutation', outcome)
      throw new Error(outcome.reason)
    },
  }),
  PUT(specimen) {
    let ticket: Ticket | undefined
    return {
      async send(site) {
        const host = await hostOf(site)
        ticket ??= await newTicket(host, specimen.name)
        await ask(host, { method: 'PUT', path: ticket.path, body: wholeOf(specimen), status: 201 })
        return completeTicket(host, ticket)
      },
    }
  },
  tus(specimen) {
    const upload = new ResumedUpload({
      endpoint: ENDPOINT,
      name: specimen.name,
      bytes: wholeOf(specimen),
      piece: PIECE,
    })
    return { send: async site => idOf(await upload.go(await hostOf(site))) }
  },
  'tus in parts': specimen => {
    const bytes = wholeOf(specimen)
    const middle = Math.floor(bytes.length / 2)
    const parts = [bytes.subarray(0, middle), bytes.subarray(middle)].map(
      half =>
        new ResumedUpload({
          endpoint: ENDPOINT,
          name: specimen.name,
          bytes: half,
          isPart: true,
          piece: PIECE,
        }),
    )
    return {
      async send(site) {
        const host = await hostOf(site)
        for (const part of parts) await part.go(host)
        return idOf(await join(host, { endpoint: ENDPOINT, name: specimen.name, parts }))
      },
    }
  },
} as const satisfies Record<string, (specimen: Specimen) => Sender>
export type Way = keyof typeof WAYS

const wholeOf = (specimen: Specimen): Buffer => Buffer.concat([...bytesOf(specimen)])

function idOf(id: string | undefined): string {
  if (id === undefined) throw new Error('all bytes have come, and no media was made')
  return id
}
