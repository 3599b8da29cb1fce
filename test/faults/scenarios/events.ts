import assert from 'node:assert/strict'
import { tryEvents } from '../event-trial.ts'
import { newSeed } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { makeSpecimen } from '../specimen.ts'

const EVENTS = 10_000
const HOLD_MS = 2_000
const CUTS = 100
/** The promise: from the commit at one gateway to a subscriber of the other, in milliseconds. */
const WITHIN_MS = 1_000

async function run({ newSite, database, random, progress }: Lab) {
  const databaseUrl = await database()
  const sites = [await newSite({ DATABASE_URL: databaseUrl }), await newSite({ DATABASE_URL: databaseUrl })]
  for (const site of sites) await site.start()
  const outcome = await sites[0]?.upload(makeSpecimen(newSeed(random), 1_000))
  assert(outcome?.kind === 'acknowledged')
  const origins = await Promise.all(sites.map(site => site.gateway.origin()))
  progress(`${EVENTS} events`)
  const facts = await tryEvents({
    databaseUrl,
    origins,
    mediaId: outcome.id,
    events: EVENTS,
    holdMs: HOLD_MS,
    cuts: CUTS,
    random,
  })
  assert(facts.slowest <= WITHIN_MS, `an event took ${facts.slowest} ms`)
  return {
    'events, each told once to three subscribers': facts.events,
    'connections cut and resumed': facts.resumed,
    'commit to subscriber, median ms': facts.median,
    'commit to subscriber, p99 ms': facts.p99,
    'commit to subscriber, slowest ms': facts.slowest,
  }
}

export const events: Scenario = {
  name: 'events',
  proves:
    'Two gateways, eight writers, two of which hold each transaction for 2 s: every event reaches every subscriber once and in its order, also those who are cut off at random moments and resume at the other gateway; who is left in peace has each within 1 s of its commit.',
  deadlineSeconds: 180,
  run,
}
