import { createHash } from 'node:crypto'
import { ALL_SCOPES } from '../../src/features/access/scopes.ts'
import { Pipeline } from '../../src/features/processing/pipeline.ts'
import { RuledTerms } from '../../src/features/retention/expiry/expiry-terms.ts'
import { RetentionRules } from '../../src/features/retention/expiry/retention-rules.ts'
import { ContentRows } from '../../src/features/upload/content-rows.ts'
import type { DuplicatePolicy } from '../../src/features/upload/duplicate-policy.ts'
import { NewMedia } from '../../src/features/upload/new-media.ts'
import type { Arrived } from '../../src/features/upload/purpose.ts'
import { Outbox } from '../../src/platform/events/outbox.ts'
import { unkeyed } from '../../src/platform/idempotency/once.ts'
import { JobQueue } from '../../src/platform/jobs/job-queue.ts'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { principal } from '../support/principal.ts'

/** The same content several times at one time, by way of the API and in transactions that share nothing else. */
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const database = () => gateway.app.foundation.database
const hashOf = (content: string) => createHash('sha256').update(content).digest('hex')

describe('ten uploads of the same bytes at once', () => {
  const tenAtOnce = async (onDuplicate: DuplicatePolicy) => {
    const content = `at once with ${onDuplicate}`
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        gateway.upload({ bytes: Buffer.from(content) }, { onDuplicate }, 'id'),
      ),
    )
    const [row] = await database().query<{ media: number; events: number }>(
      `SELECT count(*)::int AS media, (SELECT count(*)::int FROM outbox WHERE media_id = ANY (array_agg(m.id))) AS events
       FROM media m WHERE sha256 = $1`,
      [hashOf(content)],
    )
    return { answers, ids: answers.flatMap(({ media }) => media?.id ?? []), row }
  }

  test('give ten media with KEEP', async () => {
    const { ids, row } = await tenAtOnce('KEEP')
    expect([new Set(ids).size, row]).toEqual([10, { media: 10, events: 10 }])
  })

  test('give one media and nine refusals that name it with REFUSE', async () => {
    const { answers, ids, row } = await tenAtOnce('REFUSE')
    expect([ids.length, row]).toEqual([1, { media: 1, events: 1 }])
    const refused = answers.flatMap(({ userErrors }) => userErrors.map(({ duplicateOf }) => duplicateOf))
    expect(refused).toEqual(Array(9).fill(ids[0]))
  })

  test('give one media, ten times, with RETURN_EXISTING', async () => {
    const { ids, row } = await tenAtOnce('RETURN_EXISTING')
    expect([ids.length, new Set(ids).size, row]).toEqual([10, 1, { media: 1, events: 1 }])
  })
})

describe('a transaction that makes a media of bytes that are there', () => {
  const root = principal({ accountId: 'acme', scopes: new Set([ALL_SCOPES]) })
  let newMedia: NewMedia
  let blobId: string
  const made: string[] = []
  beforeAll(async () => {
    const newId = uuid7Maker()
    const expiry = new RuledTerms({ rules: new RetentionRules([]) })
    const contents = new ContentRows({
      pipeline: new Pipeline({ steps: [], jobs: new JobQueue({ database: database() }) }),
      expiry,
    })
    newMedia = new NewMedia({
      database: database(),
      outbox: new Outbox({ newId }),
      contents,
      expiry,
      expiredNames: { free: async () => undefined },
      newId,
      quotas: { demandItem: () => undefined },
    })
    const { media } = await gateway.upload({ bytes: Buffer.from('lends its blob') })
    const [row] = await database().query<{ id: string }>(`SELECT blob_id AS id FROM media WHERE id = $1`, [
      media.id,
    ])
    blobId = row?.id ?? ''
  })
  // Their bytes are somebody else's: the doctor would find that.
  afterAll(() => database().query(`DELETE FROM media WHERE id = ANY ($1)`, [made]))

  const purpose = (onDuplicate: DuplicatePolicy, viewer = root) =>
    newMedia.purpose(viewer, {}, { door: 'upload', onDuplicate })
  const bytes = (content: string): Arrived => ({
    blob: { id: blobId, accountId: 'acme', storeId: 'default', key: '', fence: 1, held: 0, lent: [] },
    content: {
      size: 1,
      sha256: hashOf(content),
      mimeType: 'text/plain',
      kind: 'DOCUMENT',
      width: null,
      height: null,
    },
    declaredType: null,
    originalFileName: 'a',
    scan: 'NOT_CONFIGURED',
    items: { used: 0, limit: null },
    once: unkeyed,
  })
  /** The id of the media, or the error. */
  const write = (content: string, onDuplicate: DuplicatePolicy, viewer = root) =>
    database()
      .transaction(tx => purpose(onDuplicate, viewer).write(tx, bytes(content)))
      .then(
        ({ id }) => {
          made.push(id)
          return id
        },
        (error: unknown) => error,
      )

  /** What those wait for that wait for a lock, once they are so many. */
  async function locksWaitedFor(count: number): Promise<string[]> {
    const waiting = `SELECT wait_event AS event FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    for (;;) {
      const rows = await database().query<{ event: string }>(waiting)
      if (rows.length === count) return rows.map(({ event }) => event)
    }
  }

  test('is waited for by those that ask for the same content, and by no others, but as all of an account commit one after the other', async () => {
    let waiting: Promise<unknown>[] = []
    let others: Promise<unknown>[] = []
    const first = await database().transaction(async tx => {
      const { id } = await purpose('REFUSE').write(tx, bytes('waited for'))
      waiting = [write('waited for', 'REFUSE'), write('waited for', 'RETURN_EXISTING')]
      expect(await locksWaitedFor(2)).toEqual(['advisory', 'advisory'])
      others = [write('waited for', 'KEEP'), write('another content', 'REFUSE')]
      // Those for the account's row, where its items are counted.
      expect((await locksWaitedFor(4)).filter(event => event === 'advisory')).toHaveLength(2)
      return id
    })
    made.push(first)
    expect(await Promise.all(others)).toEqual([expect.any(String), expect.any(String)])
    const [refused, returned] = await Promise.all(waiting)
    expect(refused).toMatchObject({ code: 'DUPLICATE_CONTENT', details: { duplicateOf: first } })
    expect(returned).toMatchObject({ name: 'AlreadyMade', resultId: first })
  })

  test('answers by the media that it has found, also when that is deleted right after', async () => {
    const id = await write('found', 'KEEP')
    const asking = purpose('RETURN_EXISTING')
    const found = database().transaction(tx => asking.write(tx, bytes('found')))
    await expect(found).rejects.toMatchObject({ name: 'AlreadyMade', resultId: id })
    await database().query(`UPDATE media SET deleted_at = now(), purge_at = now() WHERE id = $1`, [id])
    expect(await asking.again(id as string)).toMatchObject({ id, sha256: hashOf('found') })
    await expect(purpose('RETURN_EXISTING').again(id as string)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_RESULT_GONE',
    })
  })

  test('finds nothing that an ACL keeps from the viewer', async () => {
    const id = await write('narrowed', 'KEEP')
    const mayUpload = { segments: ['v3', 'media'], methods: new Set(['POST']) }
    const mayRead = (mediaId: unknown) => ({
      segments: ['v3', 'media', String(mediaId), 'info'],
      methods: new Set(['GET']),
    })
    const second = await write('narrowed', 'REFUSE', { ...root, acl: [mayUpload] })
    expect(second).toEqual(expect.any(String))
    expect(await write('narrowed', 'REFUSE', { ...root, acl: [mayUpload, mayRead(second)] })).toMatchObject({
      details: { duplicateOf: second },
    })
    expect(await write('narrowed', 'REFUSE')).toMatchObject({ details: { duplicateOf: id } })
  })
})
