import { once } from 'node:events'
import WebSocket from 'ws'
import { subjectOf } from '../../src/platform/audit/attempt.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { readSourceTree } from '../support/source-tree.ts'
import { statementsOf } from '../support/statements.ts'

let gateway: TestApp
let readOnly: string
let owner: string
beforeAll(async () => {
  gateway = await startApp()
  const { keys } = gateway.app
  readOnly = await credential({ scopes: ['media:read'], id: 'reader' })
  owner = await credential({
    scopes: ['media:read', 'media:create', 'media:update'],
    owner: { id: 'anna' },
    id: 'anna',
  })
  await keys.create({ accountId: 'acme', id: 'unused', scopes: ['media:read'] })
}, 60_000)
afterAll(() => gateway.close())

async function credential(key: { scopes: string[]; id: string; owner?: { id: string } }): Promise<string> {
  const { secret } = await gateway.app.keys.create({ accountId: 'acme', ...key })
  return `Bearer mgw_${key.id}_${secret}`
}

const NEVER = '01234567-89ab-7def-8123-456789abcdef'
const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)
const newMedia = async (): Promise<string> =>
  (await gateway.upload({ bytes: Buffer.from('content') })).media.id
const update = (id: string) =>
  `mutation { updateMedia(input: { id: "${id}", title: "x" }) { userErrors { code } } }`

interface Row {
  readonly accountId: string
  readonly principal: string
  readonly action: string
  readonly subject: string | null
  readonly code: string
  readonly rule: string | null
  readonly hasRequest: boolean
  readonly count: number
}

/** Refusals that are recorded while the work runs; what is alike may be two rows, where a minute ends meanwhile. */
async function refused(work: () => Promise<unknown>): Promise<Row[]> {
  await gateway.app.audit.refusals.flush()
  const [{ last }] = (await sql(`SELECT coalesce(max(seq), 0) AS last FROM audit_event`)) as [
    { last: string },
  ]
  await work()
  await gateway.app.audit.refusals.flush()
  return sql<Row>(
    `SELECT account_id AS "accountId", principal, action, subject_id AS subject, code, rule, request_id IS NOT NULL AS "hasRequest", count
     FROM audit_event WHERE seq > $1 AND outcome = 'refused' ORDER BY seq`,
    [last],
  )
}

describe('a refused attempt', () => {
  test('is recorded with who, what, and by which rule', async () => {
    const id = await newMedia()
    const hold = `mutation { applyLegalHold(input: { mediaId: "${id}", reason: "x" }) { legalHold { id } userErrors { code } } }`
    await gateway.query(hold)
    const rows = await refused(async () => {
      await gateway.as(readOnly).send(update(id))
      await gateway.as(readOnly).send(hold)
      await gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { userErrors { code } } }`)
      await gateway.as(readOnly).send('{ apiKeys { nodes { id } } }')
      await fetch(`${gateway.url}/uploads`, {
        method: 'POST',
        headers: { authorization: readOnly, 'tus-resumable': '1.0.0', 'upload-length': '1' },
      })
    })
    const by = (principal: string) => ({ accountId: 'acme', principal, hasRequest: true, count: 1 })
    const all = [
      { ...by('key:reader'), action: 'updateMedia', subject: id, code: 'FORBIDDEN', rule: 'missing-scope' },
      {
        ...by('key:reader'),
        action: 'applyLegalHold',
        subject: id,
        code: 'FORBIDDEN',
        rule: 'missing-scope',
      },
      { ...by('key:root'), action: 'deleteMedia', subject: id, code: 'LEGAL_HOLD', rule: 'legal-hold' },
      { ...by('key:reader'), action: 'apiKeys', subject: null, code: 'FORBIDDEN', rule: 'missing-scope' },
      {
        ...by('key:reader'),
        action: 'POST /uploads',
        subject: null,
        code: 'FORBIDDEN',
        rule: 'missing-scope',
      },
    ]
    expect(rows).toHaveLength(all.length)
    expect(rows).toEqual(expect.arrayContaining(all))
    const holdId = (await gateway.query(`{ legalHolds { nodes { id } } }`)).legalHolds.nodes[0].id
    const release = `mutation { releaseLegalHold(input: { id: "${holdId}" }) { userErrors { code } } }`
    expect(await refused(async () => void (await gateway.as(readOnly).send(release)))).toMatchObject([
      { action: 'releaseLegalHold', subject: holdId, code: 'FORBIDDEN' },
    ])
    await gateway.query(release)
  })

  test('is recorded with its subject by each kind of id, and with no other text', async () => {
    const prefixes = [...(await readSourceTree()).values()].flatMap(text =>
      [...text.matchAll(/export const \w+_PREFIX = '([a-z]+_)'/g)].map(([, prefix]) => prefix),
    )
    expect(prefixes).toEqual(expect.arrayContaining(['hold_', 'col_', 'aud_']))
    for (const prefix of ['', ...prefixes]) expect(subjectOf(prefix + NEVER)).toBe(prefix + NEVER)
    for (const text of [
      '',
      `_${NEVER}`,
      `secret_${NEVER}`,
      `hold_${NEVER}0`,
      'hold_me',
      `hold_${'x'.repeat(36)}`,
    ])
      expect(subjectOf(text)).toBeNull()
  })

  test('of a field below another is recorded by its name in the schema', async () => {
    await newMedia()
    const rows = await refused(() =>
      gateway.as(readOnly).send('{ mediaItems(first: 1) { nodes { secret: legalHolds { id } } } }'),
    )
    expect(rows).toEqual([
      expect.objectContaining({ action: 'legalHolds', code: 'FORBIDDEN', principal: 'key:reader' }),
    ])
  })

  test("tells another account's thing and one that never was not apart, at any door", async () => {
    const id = await newMedia()
    const ask = (which: string) => async () => {
      await gateway.as(FOREIGN).send(update(which))
      await gateway.as(FOREIGN).send(`{ media(id: "${which}") { id } }`)
      await fetch(`${gateway.url}/media/${which}/content`, { headers: { authorization: FOREIGN } })
    }
    const others = await refused(ask(id))
    const never = await refused(ask(NEVER))
    expect(others).toHaveLength(3)
    expect(others.map(row => ({ ...row, subject: null }))).toEqual(
      never.map(row => ({ ...row, subject: null })),
    )
    expect(new Set(others.map(({ accountId, subject }) => `${accountId} ${subject}`))).toEqual(
      new Set([`other ${id}`]),
    )
    // The account whose media it is hears nothing of it.
    const { auditEvents } = await gateway.query(
      `{ auditEvents(filter: { subjectId: "${id}" }) { nodes { action } } }`,
    )
    expect(auditEvents.nodes).toEqual([{ action: 'media.created' }])
  })

  test('of nobody in particular is counted by what was refused, without subject and without address', async () => {
    const id = await newMedia()
    const rows = await refused(async () => {
      for (let i = 0; i < 3; i++) await fetch(`${gateway.url}/media/${id}/content`)
      for (const authorization of ['Bearer mgw_root_wrong', 'Basic eDp5', 'Bearer x'])
        await gateway.as(authorization).send('{ viewer { account } }')
      await fetch(`${gateway.url}/nowhere/${id}`)
    })
    expect(new Set(rows.map(({ action, code }) => `${action} ${code}`))).toEqual(
      new Set([
        'GET (no route) NOT_FOUND',
        'GET /media/:id/content NOT_FOUND',
        'POST /graphql UNAUTHENTICATED',
      ]),
    )
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(7)
    for (const row of rows)
      expect(row).toMatchObject({ accountId: '', principal: 'anonymous', subject: null, hasRequest: false })
  })

  test('that comes again and again is one row with its count, and a thousand ids are a few rows', async () => {
    const id = await newMedia()
    await refused(async () => undefined)
    const flood = await refused(async () => {
      for (let i = 0; i < 30; i++) {
        await gateway.as(readOnly).send(update(id))
        // As if it were flushed in between.
        if (i % 10 === 0) await gateway.app.audit.refusals.flush()
      }
    })
    // Two where the minute has ended meanwhile.
    expect(flood.length).toBeLessThanOrEqual(2)
    expect(flood.reduce((sum, { count }) => sum + count, 0)).toBe(30)
    const ids = Array.from({ length: 100 }, (_, i) => NEVER.slice(0, -3) + String(i).padStart(3, '0'))
    const scan = await refused(async () => {
      for (const each of ids) await gateway.as(FOREIGN).send(`{ collection(id: "col_${each}") { id } }`)
    })
    expect(scan.length).toBeLessThanOrEqual(2 * 11)
    expect(scan.reduce((sum, { count }) => sum + count, 0)).toBe(100)
  })

  test('of a subscription, and of a connection for some, is recorded as well', async () => {
    const uploader = await credential({ scopes: ['media:create'], id: 'uploader' })
    const rows = await refused(async () => {
      const answer = await fetch(`${gateway.url}/graphql/stream`, {
        method: 'POST',
        headers: { authorization: uploader, 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { mediaEvents { id } }' }),
      })
      await answer.text()
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { authorization: 'Bearer mgw_root_wrong' },
      })
      await once(socket, 'error')
    })
    expect(rows).toHaveLength(2)
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          accountId: 'acme',
          principal: 'key:uploader',
          action: 'subscription',
          code: 'FORBIDDEN',
        }),
        expect.objectContaining({
          accountId: '',
          principal: 'anonymous',
          action: 'websocket',
          code: 'UNAUTHENTICATED',
        }),
      ]),
    )
  })

  test('is not what is wrong with a request itself', async () => {
    const rows = await refused(async () => {
      await gateway.send('{ nonsense }')
      await gateway.send(`{ mediaItems(first: 1000) { nodes { id } } }`)
      await gateway.send(`mutation { createCollection(input: { name: "" }) { userErrors { code } } }`)
    })
    expect(rows).toEqual([])
  })

  test('waits while the database does not take it, and is recorded once it does', async () => {
    const id = await newMedia()
    await sql('ALTER TABLE audit_event RENAME COLUMN flood TO away')
    await gateway.as(readOnly).send(update(id))
    await gateway.app.audit.refusals.flush()
    await sql('ALTER TABLE audit_event RENAME COLUMN away TO flood')
    await gateway.as(readOnly).send(update(id))
    await gateway.app.audit.refusals.flush()
    const [{ sum }] = (await sql(
      `SELECT sum(count)::int AS sum FROM audit_event WHERE subject_id = $1 AND outcome = 'refused'`,
      [id],
    )) as [{ sum: number }]
    expect(sum).toBe(2)
  })
})

describe('auditEvents', () => {
  const FIELDS = 'id occurredAt principal action subjectId outcome code rule requestId details count number'
  const list = async (filter: string, authorization = ADMIN) =>
    (await gateway.as(authorization).query(`{ auditEvents(first: 50, ${filter}) { nodes { ${FIELDS} } } }`))
      .auditEvents.nodes

  test('tells who did what by which rule, and of an owner that it was theirs', async () => {
    const { media } = await gateway.as(owner).upload({ bytes: Buffer.from('mine') })
    await gateway.as(owner).query(update(media.id))
    const events = await list(`filter: { subjectId: "${media.id}" }`)
    expect(events).toMatchObject([
      {
        principal: 'key:anna',
        action: 'media.updated',
        rule: 'owner',
        outcome: 'DONE',
        details: { fields: ['title'] },
      },
      {
        principal: 'key:anna',
        action: 'media.created',
        rule: 'owner',
        outcome: 'DONE',
        count: 1,
        number: null,
      },
    ])
    await gateway.app.audit.seal()
    const [last, first] = await list(`filter: { subjectId: "${media.id}" }`)
    expect(last.number).toBe(first.number + 1)
    const { node } = await gateway.query(`{ node(id: "${last.id}") { ... on AuditEvent { ${FIELDS} } } }`)
    expect(node).toEqual(last)
    expect((await gateway.as(FOREIGN).query(`{ node(id: "${last.id}") { id } }`)).node).toBeNull()
  })

  test.each(['principal', 'action', 'subjectId'])('takes no %s that is no text', async field => {
    for (const value of ['a\0', 'a\ud800']) {
      const { errors } = await gateway.send(
        `query($filter: AuditEventFilter) { auditEvents(filter: $filter) { nodes { id } } }`,
        { filter: { [field]: value } },
      )
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: ['filter', field] })
    }
  })

  test('filters by each part, and pages along it', async () => {
    const everything = await list('filter: {}')
    const parts = {
      'principal: "key:anna"': ({ principal }: Record<string, unknown>) => principal === 'key:anna',
      'action: "key.created"': ({ action }: Record<string, unknown>) => action === 'key.created',
      'outcome: REFUSED': ({ outcome }: Record<string, unknown>) => outcome === 'REFUSED',
      'outcome: DONE': ({ outcome }: Record<string, unknown>) => outcome === 'DONE',
      [`since: "${everything[3].occurredAt}"`]: ({ occurredAt }: Record<string, unknown>) =>
        String(occurredAt) >= everything[3].occurredAt,
      [`until: "${everything[3].occurredAt}"`]: ({ occurredAt }: Record<string, unknown>) =>
        String(occurredAt) < everything[3].occurredAt,
    }
    expect(everything.length).toBeLessThan(50)
    for (const [part, isMeant] of Object.entries(parts)) {
      const found = await list(`filter: { ${part} }`)
      expect([part, found]).toEqual([part, everything.filter(isMeant)])
      expect([part, found.length]).not.toEqual([part, 0])
    }
    const paged: unknown[] = []
    for (let after: string | null = null; ; ) {
      const {
        auditEvents,
      }: { auditEvents: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } =
        await gateway.query(
          `query P($after: String) { auditEvents(first: 3, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`,
          { after },
        )
      paged.push(...auditEvents.nodes)
      if (!auditEvents.pageInfo.hasNextPage) break
      after = auditEvents.pageInfo.endCursor
    }
    expect(paged).toEqual(everything)
  })

  test('each account sees its own alone', async () => {
    const theirs = await list('filter: {}', FOREIGN)
    const ours = await list('filter: {}')
    expect(theirs.length).toBeGreaterThan(0)
    expect(
      theirs.filter(({ id }: { id: string }) => ours.some((our: { id: string }) => our.id === id)),
    ).toEqual([])
    for (const { principal } of theirs) expect(['key:foreign', 'gateway']).toContain(principal)
  })
})

test('an upload and a change cost no statement for being recorded', async () => {
  const { database } = gateway.app.foundation
  let id = ''
  const statements = await statementsOf(database, async () => {
    id = await newMedia()
    await gateway.query(update(id))
  })
  const writing = statements.filter(text => text.includes('audit_event'))
  expect(writing).toHaveLength(2)
  for (const text of writing) expect(text).toContain('INSERT INTO outbox')
})
