import assert from 'node:assert/strict'
import { PgProxy } from '../pg-proxy.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { schemaOf } from '../schema-of.ts'
import type { Site } from '../site.ts'

/** Kills are independent of each other: two at a time keep two processors busy. */
const AT_ONCE = 2
const STARTS = 3

/** Migrates an empty database; gives its schema and how many statements that took. */
async function uninterrupted({ newSite, database }: Lab): Promise<{ schema: string; statements: number }> {
  const url = await database()
  await using proxy = await PgProxy.open(url)
  const site = await newSite({ DATABASE_URL: proxy.url })
  let statements = 0
  proxy.judge = () => {
    statements++
    return 'forward'
  }
  await site.command('migrate')
  return { schema: await schemaOf(url), statements }
}

/** Kills the migrating process in the place of its statement number `at`, and migrates again; gives the schema. */
async function killedAt(at: number, site: Site, url: string): Promise<string> {
  await using proxy = await PgProxy.open(url)
  const environment = { DATABASE_URL: proxy.url }
  const migrating = site.spawn(['migrate'], environment)
  let statements = 0
  proxy.judge = () => {
    if (++statements < at) return 'forward'
    migrating.signal('SIGKILL')
    return 'cut'
  }
  const { signal } = await migrating.ended
  assert.equal(signal, 'SIGKILL', `it ended before statement ${at}: ${migrating.said()}`)
  proxy.judge = () => 'forward'
  await site.command('migrate', environment)
  return schemaOf(url)
}

async function killedEverywhere(lab: Lab): Promise<number> {
  const { schema, statements } = await uninterrupted(lab)
  let next = 1
  const work = async () => {
    const site = await lab.newSite()
    for (let at = next++; at <= statements; at = next++) {
      lab.deadline.throwIfAborted()
      const found = await killedAt(at, site, await lab.database())
      assert.equal(found, schema, `killed at statement ${at} of ${statements}, the schema is another one`)
      if (at % 20 === 0) lab.progress(`killed at statement ${at} of ${statements}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return statements
}

/** Both come up on the empty database; one of them, and no other, makes the first key. */
async function twoAtOnce({ newSite, database }: Lab, schema: string): Promise<void> {
  const url = await database()
  const sites = await Promise.all([1, 2].map(() => newSite({ DATABASE_URL: url, BOOTSTRAP_API_KEY: '' })))
  await Promise.all(sites.map(site => site.start()))
  const outputs = sites.map(({ gateway }) => gateway.output)
  assert.equal(outputs.filter(output => /mgw_admin_\w+/.test(output)).length, 1, 'not one first key')
  assert.equal(await schemaOf(url), schema)
  await Promise.all(sites.map(site => site.stop()))
}

async function run(lab: Lab) {
  lab.progress('killed at each statement')
  const killed = await killedEverywhere(lab)
  const { schema } = await uninterrupted(lab)
  for (let start = 1; start <= STARTS; start++) {
    lab.progress(`two gateways at once, ${start} of ${STARTS}`)
    await twoAtOnce(lab, schema)
  }
  return { 'kills, one before each statement': killed, 'starts of two gateways at once': STARTS }
}

export const migrations: Scenario = {
  name: 'migrations',
  proves:
    'A migration that is killed before any of its statements and run again makes the same schema as one that was not; two gateways that start at once on an empty database come up with one schema and one first key.',
  deadlineSeconds: 480,
  run,
}
