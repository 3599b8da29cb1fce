import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { ALL_SCOPES } from '../../src/features/access/scopes.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { graphqlClient } from '../support/gql.ts'
import { principal } from '../support/principal.ts'

/** What must not go while it is held, whoever removes things: deletions at the same time, the trash, the reaper, plain SQL. */
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ TRASH_DAYS: '0' })
})
afterAll(() => gateway.close())

const root = principal({ accountId: 'acme', scopes: new Set([ALL_SCOPES]) })

const newMedia = async (): Promise<string> =>
  (await gateway.upload({ bytes: Buffer.from('evidence') })).media.id
const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)
const hold = (mediaId: string, includeDeleted = false) =>
  gateway.app.holds.apply(root, { mediaId, reason: 'r', includeDeleted })
const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'done',
    error => error.code,
  )
const inTrash = async (id: string): Promise<boolean | undefined> =>
  (await sql<{ gone: boolean }>(`SELECT deleted_at IS NOT NULL AS gone FROM media WHERE id = $1`, [id]))[0]
    ?.gone

/** Does `first` in a transaction of its own, starts `second` meanwhile, and commits once that waits for it. */
async function whileUncommitted<T>(
  first: (client: pg.Client) => Promise<unknown>,
  second: () => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: gateway.environment.DATABASE_URL })
  await client.connect()
  try {
    await client.query('BEGIN')
    await first(client)
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const answer = second()
    // Nothing tells of a lock that is waited for but the database itself.
    for (let waits = false; !waits; ) {
      const blocked = await sql(`SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, [
        rows[0].pid,
      ])
      waits = blocked.length > 0
    }
    await client.query('COMMIT')
    return await answer
  } finally {
    await client.end()
  }
}

describe('a hold and a deletion at the same time', () => {
  test('of which the hold comes first: the deletion waits for it and is refused', async () => {
    const id = await newMedia()
    const outcome = await whileUncommitted(
      async client => {
        await client.query(`UPDATE media SET open_holds = open_holds + 1 WHERE id = $1`, [id])
        await client.query(
          `INSERT INTO legal_hold (id, account_id, media_id, reason, author) VALUES ($1, 'acme', $2, 'r', 'key:k')`,
          [randomUUID(), id],
        )
      },
      () => codeOf(gateway.app.changes.delete(root, { id })),
    )
    expect([outcome, await inTrash(id)]).toEqual(['LEGAL_HOLD', false])
  })

  test('of which the deletion comes first: the hold waits for it and finds nothing', async () => {
    const id = await newMedia()
    const outcome = await whileUncommitted(
      client => client.query(`UPDATE media SET deleted_at = now(), purge_at = now() WHERE id = $1`, [id]),
      () => codeOf(hold(id)),
    )
    expect([outcome, await sql(`SELECT 1 FROM legal_hold WHERE media_id = $1`, [id])]).toEqual([
      'NOT_FOUND',
      [],
    ])
  })

  test('at two nodes, many times over: one of them wins, never both', async () => {
    const second = await gateway.beside()
    const there = graphqlClient(second.url, ADMIN)
    const wins = { hold: 0, deletion: 0 }
    try {
      for (let round = 0; round < countOf({ daily: 20, thorough: 60 }); round++) {
        const id = await newMedia()
        const [held, deleted] = await Promise.all([
          gateway.query(
            `mutation { applyLegalHold(input: { mediaId: "${id}", reason: "r" }) { userErrors { code } } }`,
          ),
          there.query(`mutation { deleteMedia(input: { id: "${id}" }) { userErrors { code } } }`),
        ])
        const codes = [held.applyLegalHold, deleted.deleteMedia].map(
          ({ userErrors }) => userErrors[0]?.code ?? 'done',
        )
        const won = codes[0] === 'done' ? 'hold' : 'deletion'
        expect(codes).toEqual(won === 'hold' ? ['done', 'LEGAL_HOLD'] : ['NOT_FOUND', 'done'])
        expect(await inTrash(id)).toBe(won === 'deletion')
        wins[won]++
      }
    } finally {
      await second.close()
    }
    process.stdout.write(`hold against deletion: ${JSON.stringify(wins)}\n`)
  })
})

test('holds that come and go at the same time are counted right', async () => {
  const id = await newMedia()
  const kept = await hold(id)
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { id: mine } = await hold(id)
      // Twice at once: it is released, and counted, once.
      await Promise.all([gateway.app.holds.release(root, mine), gateway.app.holds.release(root, mine)])
    }),
  )
  expect(await sql(`SELECT open_holds FROM media WHERE id = $1`, [id])).toEqual([{ open_holds: 1 }])
  await gateway.app.holds.release(root, kept.id)
  expect(await codeOf(gateway.app.changes.delete(root, { id }))).toBe('done')
})

describe('in the trash', () => {
  const deleted = async () => {
    const id = await newMedia()
    await gateway.app.changes.delete(root, { id })
    return id
  }
  const bytesOf = async (id: string) => {
    const [blob] = await sql<{ key: string }>(
      `SELECT b.key FROM blob b JOIN media m ON m.blob_id = b.id WHERE m.id = $1`,
      [id],
    )
    const key = blob?.key ?? ''
    return async () => (await gateway.app.foundation.storage.stat({ storeId: 'default', key }))?.size ?? null
  }

  test('a media is held only if that is asked for, and kept with its bytes until its release', async () => {
    const id = await deleted()
    const bytes = await bytesOf(id)
    expect(await codeOf(hold(id))).toBe('NOT_FOUND')
    const { id: holdId } = await hold(id, true)
    await gateway.app.trash.empty()
    await gateway.app.reaper.run()
    expect([await inTrash(id), await bytes()]).toEqual([true, 8])
    const { nodes } = (await gateway.query(`{ legalHolds(mediaId: "${id}") { nodes { id } } }`)).legalHolds
    expect(nodes).toEqual([{ id: holdId }])

    await gateway.app.holds.release(root, holdId)
    await gateway.app.trash.empty()
    await gateway.app.reaper.run()
    expect([await inTrash(id), await bytes()]).toEqual([undefined, null])
  })

  test('a sweep waits for nobody and leaves what is just being held', async () => {
    const id = await deleted()
    const client = new pg.Client({ connectionString: gateway.environment.DATABASE_URL })
    await client.connect()
    await client.query('BEGIN')
    await client.query(`UPDATE media SET open_holds = 1 WHERE id = $1`, [id])
    await client.query(
      `INSERT INTO legal_hold (id, account_id, media_id, reason, author) VALUES ($1, 'acme', $2, 'r', 'key:k')`,
      [randomUUID(), id],
    )
    await gateway.app.trash.empty()
    await client.query('COMMIT')
    await client.end()
    await gateway.app.trash.empty()
    expect(await inTrash(id)).toBe(true)
  })

  test('a hold that comes while a sweep removes the media finds nothing', async () => {
    const id = await deleted()
    const outcome = await whileUncommitted(
      async client => {
        await client.query(
          `UPDATE blob SET state = 'doomed', doom_at = now() FROM media_version v WHERE v.blob_id = blob.id AND v.media_id = $1`,
          [id],
        )
        await client.query(`DELETE FROM media WHERE id = $1`, [id])
      },
      () => codeOf(hold(id, true)),
    )
    expect(outcome).toBe('NOT_FOUND')
  })
})

test('the reaper leaves the bytes of a held media, even where they are doomed, and the doctor tells of it', async () => {
  const id = await newMedia()
  const { id: holdId } = await hold(id)
  const ofMedia = 'id IN (SELECT blob_id FROM media_version WHERE media_id = $1)'
  await sql(`UPDATE blob SET state = 'doomed', doom_at = now() WHERE ${ofMedia}`, [id])
  await gateway.app.reaper.run()
  const { findings } = await gateway.app.doctor.examine()
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'held-doomed',
      invariant: 'I13',
      message: expect.stringMatching(`^media ${id}: is under legal hold, and its blob .* is doomed$`),
      remedy: null,
    }),
  ])
  await sql(`UPDATE blob SET state = 'live', doom_at = NULL, lease_until = NULL WHERE ${ofMedia}`, [id])
  const answer = await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
  expect(await answer.text()).toBe('evidence')
  await gateway.app.holds.release(root, holdId)
})

test('the doctor finds a media that counts its holds wrong', async () => {
  const id = await newMedia()
  await sql(`UPDATE media SET open_holds = 2 WHERE id = $1`, [id])
  const { findings } = await gateway.app.doctor.examine({ quick: true })
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'holds-wrong',
      invariant: 'I13',
      message: `media ${id}: counts 2 open legal holds, and there are 0`,
    }),
  ])
  await sql(`UPDATE media SET open_holds = 0 WHERE id = $1`, [id])
})

describe('the database itself', () => {
  test.each([
    ['deleted', `UPDATE media SET deleted_at = now(), purge_at = now() WHERE id = $1`],
    ['removed', `DELETE FROM media WHERE id = $1`],
    ['given other bytes', `UPDATE media SET blob_id = NULL, status = 'FAILED' WHERE id = $1`],
  ])('lets no held media be %s, whatever the program does', async (_, statement) => {
    const id = await newMedia()
    const { id: holdId } = await hold(id)
    await expect(gateway.app.foundation.database.pool.query(statement, [id])).rejects.toMatchObject({
      code: '23001',
      message: `media ${id} is under legal hold`,
    })
    await sql(`UPDATE media SET title = 'changes', expires_at = now(), expires_by = 'given' WHERE id = $1`, [
      id,
    ])
    await gateway.app.holds.release(root, holdId)
  })
})
