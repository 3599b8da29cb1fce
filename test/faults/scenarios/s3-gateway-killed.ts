import { setTimeout as delay } from 'node:timers/promises'
import type { OwnCephRgw } from '../../support/ceph-rgw.ts'
import { newSeed, type Random } from '../random.ts'
import type { Told } from '../s3/faults.ts'
import { type Aim, few } from '../s3/judges.ts'
import type { Half } from '../s3/s3-proxy.ts'
import { type Size, type StoredMedia, StoreSite } from '../s3/store-site.ts'
import type { Way } from '../s3/ways.ts'
import type { Lab, Scenario } from '../scenario.ts'

export interface Moment {
  readonly way: Way
  readonly size: Size
  readonly aim: Aim
  /** Which of these requests, counted from 1, and where in it. */
  readonly from: number
  readonly at: 'begin' | Half
}

const KILLS = 20
const KILLS_BETWEEN_PROOFS = 5
/** So long after the request has begun, at the most: the store has then begun it, too, or has done it. */
const LATEST_MS = 40

/** Ceph locks an upload that it was completing, see ceph-rgw.sh: longer than that. */
const PATIENCE_MS = 40_000

interface Step extends Omit<Moment, 'way' | 'from'> {
  readonly ways: readonly Way[]
  /** How many of these requests there are at least. */
  readonly most?: number
}

const ANY = ['multipart', 'PUT', 'tus'] as const
const JOINED = ['tus in parts'] as const

/** Where an upload may be struck: at any of the requests that make it. */
const STEPS: readonly Step[] = [
  { ways: ANY, size: 'small', aim: { operation: 'PutObject' }, at: 'request' },
  { ways: ANY, size: 'small', aim: { operation: 'PutObject' }, at: 'begin' },
  { ways: ANY, size: 'large', aim: { operation: 'CreateMultipartUpload' }, at: 'begin' },
  { ways: ANY, size: 'large', aim: { operation: 'UploadPart' }, at: 'request', most: 3 },
  { ways: ANY, size: 'large', aim: { operation: 'UploadPart' }, at: 'begin', most: 3 },
  { ways: ['multipart', 'PUT'], size: 'large', aim: { operation: 'CompleteMultipartUpload' }, at: 'begin' },
  { ways: ['tus'], size: 'large', aim: { operation: 'CompleteMultipartUpload' }, at: 'begin' },
  { ways: ANY, size: 'large', aim: { operation: 'DeleteObject', isUnfinished: true }, at: 'begin' },
  { ways: ['tus'], size: 'large', aim: { operation: 'PutObject', isUnfinished: true }, at: 'begin', most: 4 },
  { ways: JOINED, size: 'large', aim: { operation: 'UploadPartCopy' }, at: 'begin', most: 2 },
  { ways: JOINED, size: 'large', aim: { operation: 'GetObject' }, at: 'content' },
]

/** The moments of so many kills: each step comes as often as any other, in an order that the seed decides. */
export function moments(random: Random, count: number): Moment[] {
  const left: Moment[] = Array.from({ length: count }, (_, i) => {
    const { ways, most = 1, ...step } = STEPS[i % STEPS.length] as Step
    return { ...step, way: random.pick(ways), from: random.integer(1, most) }
  })
  const drawn: Moment[] = []
  while (left.length > 0) drawn.push(...left.splice(random.integer(0, left.length - 1), 1))
  return drawn
}

/** Kills the store's gateway in the middle of an upload, while somebody reads; it comes back, and the upload is made. */
export async function killStore(
  { store, rgw }: { store: StoreSite; rgw: OwnCephRgw },
  { way, size, aim, from, at }: Moment,
  { random, media }: { random: Random; media: StoredMedia },
): Promise<Told> {
  const killed = Promise.withResolvers<void>()
  const after = at === 'begin' ? random.integer(0, LATEST_MS) : 0
  const run = () => {
    void delay(after).then(() => {
      rgw.kill()
      killed.resolve()
    })
  }
  const heal = async () => {
    await killed.promise
    await rgw.restart()
  }
  const judge = few(aim, { do: 'meanwhile', at, run }, { from })
  const trial = { way, size, judge, heal, seed: newSeed(random), patienceMs: PATIENCE_MS }
  const [told] = await Promise.all([
    store.tryUpload({ ...trial, fault: 'storeKilled' }),
    store.download('storeKilled', media),
  ])
  return told
}

async function run(lab: Lab) {
  const { random, progress } = lab
  const opened = await StoreSite.open(lab)
  const { store } = opened
  const media = await store.stored(newSeed(random), 'large')
  for (const [done, moment] of moments(random, KILLS).entries()) {
    progress(`${moment.way}, ${moment.size}, killed at ${moment.aim.operation} ${moment.from}`)
    const told = await killStore(opened, moment, { random, media })
    progress(`told: ${told}`)
    if ((done + 1) % KILLS_BETWEEN_PROOFS === 0) await store.prove([media])
  }
  return { 'kills of the store’s gateway': KILLS, ...(await store.settle()) }
}

export const s3GatewayKilled: Scenario = {
  name: 's3-gateway-killed',
  proves:
    'SIGKILL of the gateway of a Ceph store at random moments of uploads, while another file is read: clients are refused for now or succeed, a download breaks off or is whole, and when the store is back everything goes on.',
  deadlineSeconds: 1_500,
  run,
}
