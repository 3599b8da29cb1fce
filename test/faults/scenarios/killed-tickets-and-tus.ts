import assert from 'node:assert/strict'
import { join as joinPath } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { filesBelow } from '../aborts/resources.ts'
import { ask, type Host } from '../ask.ts'
import { audit, examine } from '../audit.ts'
import { newSeed } from '../random.ts'
import { join, ResumedUpload } from '../resumed-upload.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { AUTHORIZATION, type Site } from '../site.ts'
import { bytesOf, makeSpecimen } from '../specimen.ts'
import { completeTicket, newTicket, type Ticket } from '../ticket.ts'

const SIZE = 2_400_000
/** Long enough for a kill and a restart in between. */
const EXPIRES_SECONDS = 45

export const KILLED_UPLOADS = { UPLOAD_EXPIRES_SECONDS: String(EXPIRES_SECONDS) }

interface Sending {
  readonly name: string
  readonly bytes: Buffer
}

/** One client with one file, which does all over again what it does not know to be done. */
interface Client {
  /** What happens at a gateway that is not broken, before the one that is. */
  readonly before?: (host: Host) => Promise<unknown>
  /** The id of the media; rejects when the connection breaks. */
  readonly go: (host: Host) => Promise<string | undefined>
}

interface Way {
  readonly client: (file: Sending) => Client
  /** Where the gateway is killed, as FAULT names it. */
  readonly points: readonly string[]
}

const COMMIT = ['U4.beforeCommit', 'U4.afterCommit'] as const

export const WAYS = {
  'PUT for a ticket': {
    client({ name, bytes }) {
      let ticket: Ticket | undefined
      return {
        async go(host) {
          ticket ??= await newTicket(host, name)
          await ask(host, { method: 'PUT', path: ticket.path, body: bytes, status: 201 })
          return completeTicket(host, ticket)
        },
      }
    },
    points: [
      'U1.beforeCommit',
      'U1.afterCommit',
      'U2.start',
      `U2.bytes@${SIZE / 2}`,
      'U3.beforeStat',
      'U3.done',
      'T3.received',
      ...COMMIT,
    ],
  },
  tus: {
    client: file => new ResumedUpload({ ...file, endpoint: '/uploads' }),
    points: [
      'U1.beforeCommit',
      'U1.afterCommit',
      'T0.begun',
      `U2.bytes@${SIZE / 2}`,
      'T2.complete',
      ...COMMIT,
    ],
  },
  'tus with checksums, bytes spoilt on the way': {
    client: file =>
      new ResumedUpload({ ...file, endpoint: '/uploads', hasChecksums: true, spoiltAt: 1_000_000 }),
    points: ['U2.bytes@1950000', 'T1.beforeCompare@1500000'],
  },
  'tus for a ticket': {
    client({ name, bytes }) {
      let ticket: Ticket | undefined
      let upload: ResumedUpload | undefined
      return {
        async go(host) {
          ticket ??= await newTicket(host, name)
          upload ??= new ResumedUpload({ name, bytes, endpoint: ticket.path })
          await upload.go(host)
          return completeTicket(host, ticket)
        },
      }
    },
    points: ['T0.begun', 'T2.complete', 'T3.received', ...COMMIT],
  },
  'tus in parts, while they come': {
    client: file => inParts(file),
    points: ['T0.begun', 'U2.bytes@700000', 'T2.complete'],
  },
  'tus in parts, while they are joined': {
    client: file => inParts(file, { isReady: true }),
    points: [
      'U1.beforeCommit',
      'U1.afterCommit',
      'U2.start',
      `U2.bytes@${SIZE / 2 + 1}`,
      'U3.beforeStat',
      'U3.done',
      ...COMMIT,
    ],
  },
} as const satisfies Record<string, Way>

function inParts({ name, bytes }: Sending, { isReady = false } = {}): Client {
  const endpoint = '/uploads'
  const halves = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)]
  const parts = halves.map(half => new ResumedUpload({ endpoint, name, bytes: half, isPart: true }))
  const send = async (host: Host) => {
    for (const part of parts) await part.go(host)
  }
  return {
    ...(isReady ? { before: send } : {}),
    async go(host) {
      await send(host)
      return join(host, { endpoint, name, parts })
    },
  }
}

/**
 * Kills the gateway when an upload comes to the point, and lets its client go on at the next one: then there is one media with the
 * bytes that were sent, however often the client asks. The gateway runs on.
 */
export async function killAndResume(
  site: Site,
  way: keyof typeof WAYS,
  kill: { point: string; seed: number },
) {
  const { point, seed } = kill
  const specimen = makeSpecimen(seed, SIZE)
  const client: Client = WAYS[way].client({
    name: specimen.name,
    bytes: Buffer.concat([...bytesOf(specimen)]),
  })
  site.journal.append({ event: 'begun', specimen })
  if (client.before) {
    await site.start()
    await client.before(await hostOf(site))
    await site.kill()
  }
  await site.start({ fault: `${point}:kill` })
  await assert.rejects(client.go(await hostOf(site)), error => !(error instanceof assert.AssertionError))
  const end = await site.gateway.endWithin(30_000)
  assert.deepEqual(end, { code: null, signal: 'SIGKILL' }, `${point} was not passed: ${site.gateway.said()}`)
  await site.kill()

  await site.start()
  const host = await hostOf(site)
  const id = await client.go(host)
  assert(id, `${way}, killed at ${point}: no media was made`)
  site.journal.append({ event: 'acknowledged', name: specimen.name, id })
  assert.equal(await client.go(host), id, `${way}, killed at ${point}: asked again, it is another media`)
}

const hostOf = async (site: Site): Promise<Host> => ({
  origin: await site.gateway.origin(),
  authorization: AUTHORIZATION,
})

/** Once what was begun has expired, there are so many objects and nothing else. */
async function holdsNothingBut(site: Site, media: number): Promise<void> {
  await site.command('reap')
  assert.equal(await examine(site), 0)
  assert.equal(await site.objects(), media)
  assert.deepEqual(await filesBelow(joinPath(site.dataDir, 'files', '.staging')), [])
}

async function run({ random, newSite, database, progress }: Lab) {
  const sites: { site: Site; media: number; expired: number }[] = []
  const facts: Record<string, number> = {}
  for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
    const { points }: Way = WAYS[way]
    const site = await newSite({ ...KILLED_UPLOADS, DATABASE_URL: await database() })
    for (const [done, point] of points.entries()) {
      progress(`${way}, killed at ${point}`)
      if (done > 0) await site.kill()
      await killAndResume(site, way, { point, seed: newSeed(random) })
    }
    // What one kill has left meets the next.
    await audit(site)
    await site.stop()
    sites.push({ site, media: points.length, expired: Date.now() + EXPIRES_SECONDS * 1_000 })
    facts[`kills, ${way}`] = points.length
  }
  for (const { site, media, expired } of sites) {
    await delay(Math.max(0, expired - Date.now()))
    await holdsNothingBut(site, media)
  }
  return facts
}

export const killedTicketsAndTus: Scenario = {
  name: 'killed-tickets-and-tus',
  proves:
    'SIGKILL at each named point of a ticket and of a resumable upload: its client goes on where the gateway says, never beyond what it sent and never before what was acknowledged, and has one media with its bytes; nothing else is left.',
  deadlineSeconds: 1_200,
  run,
}
