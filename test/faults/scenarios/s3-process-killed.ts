import { setTimeout as delay } from 'node:timers/promises'
import { newSeed, type Random } from '../random.ts'
import { few } from '../s3/judges.ts'
import { StoreSite } from '../s3/store-site.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { type Moment, moments } from './s3-gateway-killed.ts'

const KILLS = 20
const KILLS_BETWEEN_PROOFS = 5
/** Long enough for a kill and a restart in between, on a machine that has much else to do. */
const EXPIRES_SECONDS = 150
export const EXPIRING = { UPLOAD_EXPIRES_SECONDS: String(EXPIRES_SECONDS) }

/** Kills the media gateway in the middle of a request to the store; its client goes on at the next one. */
export async function killProcess(store: StoreSite, moment: Moment, random: Random): Promise<void> {
  const { way, size, aim, from, at } = moment
  let killed: Promise<unknown> | undefined
  const run = () => {
    killed = store.site.kill()
  }
  const heal = async () => {
    await killed
    await store.site.start()
  }
  const judge = few(aim, { do: 'meanwhile', at, run }, { from })
  await store.tryUpload({ fault: 'gatewayKilled', way, size, judge, heal, seed: newSeed(random) })
}

async function run(lab: Lab) {
  const { random, progress } = lab
  const { store } = await StoreSite.open(lab, EXPIRING)
  for (const [done, moment] of moments(random, KILLS).entries()) {
    progress(`${moment.way}, ${moment.size}, killed at ${moment.aim.operation} ${moment.from}`)
    await killProcess(store, moment, random)
    if ((done + 1) % KILLS_BETWEEN_PROOFS === 0) await store.prove()
  }
  progress('waiting for what nobody goes on with to expire')
  await delay(EXPIRES_SECONDS * 1_000)
  return { 'kills of the media gateway': KILLS, ...(await store.settle()) }
}

export const s3ProcessKilled: Scenario = {
  name: 's3-process-killed',
  proves:
    'SIGKILL of the media gateway at random moments of uploads to an S3 store, by each way in: clients go on at the next one and have their media, once; nothing else is left, in the bucket either.',
  deadlineSeconds: 1_500,
  run,
}
