import { setTimeout as pause } from 'node:timers/promises'
import { Pipeline, PROCESS_JOB } from '../../src/features/processing/pipeline.ts'
import { ATTEMPTS, ProcessJob } from '../../src/features/processing/process.job.ts'
import type { ContentRef, Step, StepName, StepOutcome } from '../../src/features/processing/step.ts'
import { StepRows } from '../../src/features/processing/step-rows.ts'
import { Stranded } from '../../src/features/processing/stranded.ts'
import { commonErrors } from '../../src/platform/errors.ts'
import { Outbox } from '../../src/platform/events/outbox.ts'
import { JobQueue } from '../../src/platform/jobs/job-queue.ts'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { process as understand } from '../support/processing.ts'
import { replaceContent } from '../support/replace.ts'

/** A step that does what a test says, and remembers for what it was done. */
class GivenStep implements Step {
  readonly seen: ContentRef[] = []
  constructor(
    readonly name: StepName,
    private readonly behave: (content: ContentRef, time: number) => StepOutcome | Promise<StepOutcome>,
  ) {}
  appliesTo = () => true
  async run(content: ContentRef): Promise<StepOutcome> {
    this.seen.push(content)
    return this.behave(content, this.seen.length)
  }
}

const done = (): StepOutcome => ({ state: 'DONE' })
const never = new AbortController().signal
const newId = uuid7Maker()

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const database = () => gateway.app.foundation.database

/** A media whose content waits for these steps. */
async function waiting(steps: readonly Step[]) {
  const { media } = await gateway.upload({ bytes: Buffer.from(newId()) })
  const pipeline = new Pipeline({ steps, jobs: new JobQueue({ database: database() }) })
  const begin = () =>
    database().transaction(async tx => {
      await tx.query(`UPDATE media SET status = 'PROCESSING' WHERE id = $1`, [media.id])
      const [row] = await tx.query(`SELECT content_version AS n FROM media WHERE id = $1`, [media.id])
      await pipeline.beginAgain(tx, [
        { mediaId: media.id, contentVersion: row.n, mimeType: 'text/plain', kind: 'DOCUMENT' },
      ])
    })
  await begin()
  const rows = new StepRows({ database: database(), outbox: new Outbox({ newId }) })
  const job = new ProcessJob({ steps, rows, seconds: 60, log: gateway.app.foundation.log })
  return { id: media.id, begin, run: (number = 1) => job.run(media.id, { number, stopped: never }) }
}

const stateOf = async (id: string) => {
  const { media } = await gateway.query(
    `query ($id: ID!) { media(id: $id) { status statusReason processing { name state reason detail } } }`,
    { id },
  )
  return media
}

const eventsOf = async (id: string) =>
  (
    await database().query<{ type: string }>(`SELECT type FROM outbox WHERE media_id = $1 ORDER BY seq`, [id])
  ).map(({ type }) => type)

test('steps are done one after the other, and then the media is COMPLETED and somebody is told', async () => {
  const order: string[] = []
  const steps = (['scan', 'probe', 'preview'] as const).map(
    name =>
      new GivenStep(name, () => {
        order.push(name)
        return done()
      }),
  )
  const { id, run } = await waiting(steps)
  expect(await stateOf(id)).toMatchObject({ status: 'PROCESSING', processing: [{}, {}, {}] })
  await run()
  expect(order).toEqual(['scan', 'probe', 'preview'])
  expect(await stateOf(id)).toMatchObject({
    status: 'COMPLETED',
    statusReason: null,
    processing: [
      { name: 'SCAN', state: 'DONE' },
      { name: 'PROBE', state: 'DONE' },
      { name: 'PREVIEW', state: 'DONE' },
    ],
  })
  expect(await eventsOf(id)).toEqual(['media.created', 'media.processed'])
  await run()
  expect(order).toHaveLength(3)
})

test('a step that fails is a status with its reason; what is skipped is none', async () => {
  const steps = [
    new GivenStep('probe', () => ({ state: 'FAILED', reason: 'unreadable', detail: 'no\0 header \ud800' })),
    // As of a process that was ended at its deadline: nobody is left to tell more.
    new GivenStep('preview', () => ({ state: 'SKIPPED', reason: 'no-picture', detail: undefined })),
  ]
  const { id, run } = await waiting(steps)
  await run()
  expect(await stateOf(id)).toEqual({
    status: 'FAILED',
    statusReason: 'probe: unreadable',
    processing: [
      { name: 'PROBE', state: 'FAILED', reason: 'unreadable', detail: 'no header \ufffd' },
      { name: 'PREVIEW', state: 'SKIPPED', reason: 'no-picture', detail: null },
    ],
  })
  const listed = await gateway.query(`{ mediaItems(filter: { status: FAILED }) { nodes { id } } }`)
  expect(listed.mediaItems.nodes).toContainEqual({ id })
})

test('a step that ends the whole leaves the others undone', async () => {
  const preview = new GivenStep('preview', done)
  const { id, run } = await waiting([
    new GivenStep('scan', () => ({ state: 'FAILED', reason: 'infected', stop: 'infected' })),
    preview,
  ])
  await run()
  expect(preview.seen).toEqual([])
  expect((await stateOf(id)).processing).toEqual([
    { name: 'SCAN', state: 'FAILED', reason: 'infected', detail: null },
    { name: 'PREVIEW', state: 'SKIPPED', reason: 'infected', detail: null },
  ])
})

test('passing trouble is tried again from the step on where it was, and given up at last', async () => {
  const probe = new GivenStep('probe', done)
  const preview = new GivenStep('preview', (_, time) => {
    if (time <= 2) throw new Error('the store is away')
    return done()
  })
  const { id, run } = await waiting([probe, preview])
  await expect(run(1)).rejects.toThrow('the store is away')
  expect(await stateOf(id)).toMatchObject({
    status: 'PROCESSING',
    processing: [
      { state: 'DONE' },
      // Where the store is, and what it says, is nobody's business but the operator's.
      { state: 'WAITING', reason: 'retried', detail: null },
    ],
  })
  await expect(run(2)).rejects.toThrow()
  await run(3)
  expect([probe.seen.length, preview.seen.length]).toEqual([1, 3])
  expect((await stateOf(id)).status).toBe('COMPLETED')

  const lasting = await waiting([
    new GivenStep('probe', () => {
      throw new Error('the store is away')
    }),
  ])
  await expect(lasting.run(ATTEMPTS - 1)).rejects.toThrow()
  await lasting.run(ATTEMPTS)
  expect(await stateOf(lasting.id)).toMatchObject({
    status: 'FAILED',
    statusReason: 'probe: gave-up',
    processing: [{ reason: 'gave-up', detail: null }],
  })
  expect(gateway.log).toContainEqual(
    expect.objectContaining({
      mediaId: lasting.id,
      step: 'probe',
      err: expect.objectContaining({ message: 'the store is away' }),
    }),
  )

  const told = await waiting([
    new GivenStep('probe', () => {
      throw commonErrors.BAD_REQUEST('This is for clients.')
    }),
  ])
  await expect(told.run(1)).rejects.toThrow()
  expect((await stateOf(told.id)).processing).toMatchObject([{ detail: 'This is for clients.' }])
})

test('what was asked for again while it was done is done again, also where its end would have ended the whole', async () => {
  const asked = { again: async () => undefined as unknown }
  const first = new GivenStep('scan', async (_, time) => {
    if (time > 1) return done()
    await asked.again()
    return { state: 'FAILED', reason: 'infected', stop: 'infected' }
  })
  const { id, begin, run } = await waiting([first, new GivenStep('probe', done)])
  asked.again = begin
  await run()
  expect(await stateOf(id)).toMatchObject({
    status: 'PROCESSING',
    processing: [{ state: 'WAITING' }, { state: 'WAITING' }],
  })
  await run()
  expect(await stateOf(id)).toMatchObject({
    status: 'COMPLETED',
    processing: [{ state: 'DONE' }, { state: 'DONE' }],
  })
})

test('whoever goes on after a crash finds nothing waiting behind a step that has ended the whole', async () => {
  const preview = new GivenStep('preview', done)
  const { id } = await waiting([new GivenStep('scan', done), preview])
  const rows = new StepRows({ database: database(), outbox: new Outbox({ newId }) })
  const content = await rows.content(id)
  if (!content) throw new Error('there is no content')
  await rows.begun(content, 'scan')
  // The process ends behind this one statement.
  await rows.ended(content, 'scan', { state: 'FAILED', reason: 'infected', stop: 'infected' })
  expect([...(await rows.waiting(content))]).toEqual([])
})

test('what was asked for again while it was done is done again', async () => {
  const asked = { again: async () => undefined as unknown }
  const step = new GivenStep('probe', async (_, time) => {
    if (time > 1) return done()
    await asked.again()
    return { state: 'FAILED', reason: 'unreadable' }
  })
  const { id, begin, run } = await waiting([step])
  asked.again = begin
  await run()
  expect(await stateOf(id)).toMatchObject({ status: 'PROCESSING', processing: [{ state: 'WAITING' }] })
  await run()
  expect(await stateOf(id)).toMatchObject({ status: 'COMPLETED', processing: [{ state: 'DONE' }] })
})

describe('what nobody works on any more', () => {
  const mend = async (steps: readonly Step[]) => {
    const pipeline = new Pipeline({ steps, jobs: new JobQueue({ database: database() }) })
    const rows = new StepRows({ database: database(), outbox: new Outbox({ newId }) })
    await new Stranded({ database: database(), rows, pipeline }).mend()
  }
  const jobsOf = (id: string) =>
    database().query<{ attempts: number }>(`SELECT attempts FROM graphile_worker.jobs WHERE key = $1`, [
      `${PROCESS_JOB}:${id}`,
    ])

  test('is FAILED when its last attempt has killed its process, and can be tried again', async () => {
    const step = new GivenStep('probe', done)
    const { id, begin } = await waiting([step])
    await database().query(
      `UPDATE graphile_worker._private_jobs SET attempts = max_attempts WHERE key = $1`,
      [`${PROCESS_JOB}:${id}`],
    )
    await mend([step])
    expect(await stateOf(id)).toMatchObject({ status: 'FAILED', statusReason: 'probe: gave-up' })
    expect(await eventsOf(id)).toContain('media.processed')
    await begin()
    expect(await jobsOf(id)).toEqual([{ attempts: 0 }])
  })

  test('gets a job when its own is lost; what has one that waits is left alone', async () => {
    const step = new GivenStep('probe', done)
    const [lost, waits] = [await waiting([step]), await waiting([step])]
    await database().query(`DELETE FROM graphile_worker._private_jobs WHERE key = $1`, [
      `${PROCESS_JOB}:${lost.id}`,
    ])
    await mend([step])
    expect(await jobsOf(lost.id)).toEqual([])
    await database().query(
      `UPDATE media SET updated_at = now() - interval '1 hour' WHERE status = 'PROCESSING'`,
    )
    await mend([step])
    expect(await jobsOf(lost.id)).toEqual([{ attempts: 0 }])
    expect(await jobsOf(waits.id)).toEqual([{ attempts: 0 }])
  })
})

test('what is found out about an old content is not said of the new one', async () => {
  const step = new GivenStep('probe', async ({ mediaId }, time) => {
    if (time > 1) return done()
    await replaceContent(
      { url: gateway.url, authorization: ADMIN },
      { bytes: Buffer.from('another') },
      { id: mediaId },
    )
    return { state: 'FAILED', reason: 'unreadable' }
  })
  const { id, run } = await waiting([step])
  await run()
  expect(await stateOf(id)).toEqual({ status: 'COMPLETED', statusReason: null, processing: [] })
})

describe('the place in a photo that somebody takes away before it was looked at', () => {
  const ask = async (id: string) =>
    (
      await gateway.query(`query ($id: ID!) { media(id: $id) { status title geolocation { latitude } } }`, {
        id,
      })
    ).media
  const change = async (...items: Record<string, unknown>[]) => {
    const { updateMediaBatch } = await gateway.query(
      `mutation ($items: [UpdateMediaItemInput!]) { updateMediaBatch(input: { items: $items }) { count } }`,
      { items },
    )
    expect(updateMediaBatch.count).toBe(items.length)
  }
  const photo = async () => {
    const bytes = fixture('photo-gps.jpg').bytes()
    const { media } = await gateway.upload(
      { bytes, fileName: 'photo.jpg' },
      {},
      'id status geolocation { latitude }',
    )
    expect(media).toMatchObject({ status: 'PROCESSING', geolocation: null })
    return media.id as string
  }

  test('does not come, and that of others does, whatever is changed beside', async () => {
    const [cleared, other] = [await photo(), await photo()]
    await change({ id: cleared, geolocation: null }, { id: other, title: 'Where' })
    await change({ id: cleared, title: 'Nowhere' })
    await understand(gateway, cleared)
    await understand(gateway, other)
    expect(await ask(cleared)).toEqual({ status: 'COMPLETED', title: 'Nowhere', geolocation: null })
    expect(await ask(other)).toMatchObject({
      title: 'Where',
      geolocation: { latitude: expect.closeTo(51.5758, 3) },
    })
    // It was said of this content, and not of the next.
    const bytes = fixture('photo-iphone-gps.jpg').bytes()
    await replaceContent(
      { url: gateway.url, authorization: ADMIN },
      { bytes, fileName: 'b.jpg' },
      { id: cleared },
    )
    await understand(gateway, cleared)
    expect((await ask(cleared)).geolocation.latitude).toBeCloseTo(41.853, 3)
  })

  test('does not come either when that happens while what was found is written down', async () => {
    const id = await photo()
    let looked: Promise<void> | undefined
    await database().transaction(async tx => {
      // As the update writes it.
      await tx.query(`UPDATE media SET latitude = NULL, longitude = NULL, facts = '{}' WHERE id = $1`, [id])
      looked = understand(gateway, id)
      const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%technical_metadata = $4%'`
      while ((await database().query(waits)).length === 0) await pause(20)
    })
    await looked
    expect((await ask(id)).geolocation).toBeNull()
  })
})
