import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { PROCESS_JOB } from '../../src/features/processing/pipeline.ts'
import { parseTraceparent } from '../../src/platform/tracing/open-tracer.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { multipart } from '../support/gql.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import { type Collector, type ReceivedSpan, startCollector } from '../support/otlp.ts'
import { startPipeline } from '../support/processing.ts'
import { readSourceTree } from '../support/source-tree.ts'
import { followBySse, followByWebSocket } from '../support/subscribe.ts'
import { ticketFor } from '../support/tickets.ts'

type Line = Record<string, unknown>
const lines: Line[] = []
const waiting = new Set<() => void>()
const logTo = {
  write(text: string) {
    lines.push(JSON.parse(text))
    for (const look of waiting) look()
  },
}
/** The first line of the access log that is like this; waits for it. */
const lineLike = (wanted: Line): Promise<Line> =>
  new Promise(resolve => {
    const look = () => {
      const found = lines.find(line => Object.entries(wanted).every(([key, value]) => line[key] === value))
      if (!found) return
      waiting.delete(look)
      resolve(found)
    }
    waiting.add(look)
    look()
  })

let collector: Collector
let origin: Origin
let gateway: TestApp
let pipeline: { stop(): Promise<void> }
beforeAll(async () => {
  collector = await startCollector()
  origin = await startOrigin()
  gateway = await startApp(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=a%20secret',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_BSP_SCHEDULE_DELAY: '20',
      IMPORT_FROM_URL: '127.0.0.1/32',
    },
    { logTo },
  )
  pipeline = await startPipeline(gateway)
})
afterAll(async () => {
  await pipeline.stop()
  await gateway.close()
  await collector.close()
  origin.close()
})

const ofTrace = (spans: readonly ReceivedSpan[], traceId: string) =>
  spans.filter(span => span.traceId === traceId)
const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter(span => span.name === name)
const newTrace = (flags = '01') => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` }
}
const UPLOAD = 'mutation Canary($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } } }'

async function upload(headers: Record<string, string>, fileName = 'canary-file-name.jpg'): Promise<string> {
  const body = multipart(
    UPLOAD,
    { input: { file: null, title: 'canary title' } },
    { 'variables.input.file': { bytes: fixture('photo-gps.jpg').bytes(), fileName, mimeType: 'image/jpeg' } },
  )
  const response = await fetch(`${gateway.url}/graphql?canary=in-the-query`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'apollo-require-preflight': 'true', ...headers },
    body,
  })
  const { data } = (await response.json()) as { data: { uploadMedia: { media: { id: string } } } }
  return data.uploadMedia.media.id
}

describe('traces', () => {
  test('an upload is one connected trace: HTTP, GraphQL, SQL, store, and the job that it has asked for', async () => {
    const { traceId, spanId, traceparent } = newTrace()
    await upload({ traceparent, tracestate: 'canary=1' })
    const job = `job ${PROCESS_JOB}`
    const spans = ofTrace(await collector.until(all => named(ofTrace(all, traceId), job).length > 0), traceId)
    const [root] = named(spans, 'POST /graphql')
    expect(root).toMatchObject({
      parentSpanId: spanId,
      kind: 2,
      failed: false,
      facts: { 'http.route': '/graphql', 'http.response.status_code': 200 },
    })
    const ids = new Set([spanId, ...spans.map(span => span.spanId)])
    expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? '')).map(({ name }) => name)).toEqual(
      [],
    )
    expect(named(spans, 'graphql')).toEqual([
      expect.objectContaining({
        parentSpanId: root?.spanId,
        facts: { 'graphql.operation.type': 'mutation', 'graphql.operation.name': 'Canary', outcome: 'ok' },
      }),
    ])
    const [worked] = named(spans, job)
    expect(worked).toMatchObject({ kind: 5, facts: { 'job.kind': PROCESS_JOB, 'job.attempt': 1 } })
    const parents = new Map(spans.map(span => [span.spanId, span.parentSpanId]))
    const within = (span: ReceivedSpan, id: string | undefined): boolean =>
      span.spanId === id || [...ancestors(span.spanId)].some(ancestor => ancestor === id)
    function* ancestors(id: string | undefined): Generator<string | undefined> {
      for (let at = parents.get(id ?? ''); at !== undefined; at = parents.get(at)) yield at
    }
    // The bytes are written by the request, and read again by the job, with what the database does for each.
    const [graphql] = named(spans, 'graphql')
    expect(named(spans, 'storage write').some(span => within(span, graphql?.spanId))).toBe(true)
    expect(named(spans, 'storage read').some(span => within(span, worked?.spanId))).toBe(true)
    for (const name of ['transaction', 'INSERT', 'COMMIT', 'SELECT']) {
      expect([name, named(spans, name).some(span => within(span, graphql?.spanId))]).toEqual([name, true])
      expect([name, named(spans, name).some(span => within(span, worked?.spanId))]).toEqual([name, true])
    }
    expect(collector.headers).toMatchObject({ path: '/v1/traces', 'x-token': 'a secret' })
    expect(collector.resource).toMatchObject({
      'service.name': 'media-gateway',
      'deployment.environment.name': 'test',
    })
  })

  test('no span tells a file, a title, a query, a value of SQL, a credential or an id of a media', async () => {
    const { traceId, traceparent } = newTrace()
    const id = await upload({ traceparent })
    const spans = ofTrace(
      await collector.until(all => named(ofTrace(all, traceId), `job ${PROCESS_JOB}`).length > 0),
      traceId,
    )
    expect(spans.some(({ facts }) => /\$1/.test(String(facts['db.query.text'])))).toBe(true)
    const text = JSON.stringify(spans)
    for (const canary of ['canary-file-name', 'canary title', 'in-the-query', 'secretsecret', 'mgw_', id])
      expect([canary, text.includes(canary)]).toEqual([canary, false])
  })

  test('what fails is marked with its code, and its text is not told', async () => {
    const { traceId, traceparent } = newTrace()
    const { database } = gateway.app.foundation
    await database.query('ALTER TABLE media RENAME TO away')
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ query: '{ mediaItems { nodes { id } } }' }),
    })
    await database.query('ALTER TABLE away RENAME TO media')
    const spans = ofTrace(
      await collector.until(all => named(ofTrace(all, traceId), 'POST /graphql').length > 0),
      traceId,
    )
    expect(named(spans, 'graphql')[0]?.facts).toMatchObject({ outcome: 'failed' })
    const failed = spans.filter(span => span.failed)
    expect(failed.map(({ facts }) => facts['error.type'])).toContain('DatabaseError')
    expect(JSON.stringify(failed)).not.toContain('does not exist')
  })

  test('who imports asks the other server with a traceparent of the same trace, and nothing else of the client', async () => {
    const { traceId, traceparent } = newTrace()
    const asked = Promise.withResolvers<Record<string, unknown>>()
    origin.answer((request, response) => {
      asked.resolve(request.headers)
      response.end('an imported text')
    })
    const query =
      'mutation($input: ImportMediaInput!) { importMedia(input: $input) { media { id } userErrors { message } } }'
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: ADMIN,
        'content-type': 'application/json',
        traceparent,
        tracestate: 'canary=1',
      },
      body: JSON.stringify({ query, variables: { input: { url: `${origin.url}/file.txt` } } }),
    })
    const [job] = await gateway.app.foundation.database.query<{ payload: Record<string, string> }>(
      `SELECT payload FROM graphile_worker._private_jobs WHERE payload->>'mediaId' IS NOT NULL ORDER BY id DESC LIMIT 1`,
    )
    const kind = gateway.app.jobs.find(({ name }) => name === 'media.import')
    await kind?.run(job?.payload, {
      job: { attempts: 1 },
      abortSignal: new AbortController().signal,
    } as never)
    const headers = await asked.promise
    expect(String(headers.traceparent)).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    expect(headers).not.toHaveProperty('tracestate')
    await gateway.app.foundation.database.query(
      `SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker._private_jobs WHERE payload->>'mediaId' IS NOT NULL`,
    )
  })

  test('what the sender does not sample is not sent, and its trace goes on under the same id', async () => {
    const { traceId, traceparent } = newTrace('00')
    const id = await upload({ traceparent })
    const marker = newTrace()
    await fetch(`${gateway.url}/media/${id}/content`, {
      headers: { authorization: ADMIN, traceparent: marker.traceparent },
    }).then(response => response.arrayBuffer())
    await collector.until(all => ofTrace(all, marker.traceId).length > 0)
    expect(ofTrace(collector.spans, traceId)).toEqual([])
    expect(await lineLike({ traceId })).toMatchObject({ route: '/graphql' })
  })

  test('questions about health are no traces', async () => {
    const { traceId, traceparent } = newTrace()
    await fetch(`${gateway.url}/health/ready`, { headers: { traceparent } })
    const marker = newTrace()
    await fetch(`${gateway.url}/no/such`, { headers: { traceparent: marker.traceparent } })
    const spans = await collector.until(all => ofTrace(all, marker.traceId).length > 0)
    expect(ofTrace(spans, marker.traceId)[0]?.name).toBe('GET none')
    expect(ofTrace(spans, traceId)).toEqual([])
  })

  test.each([
    ['a later version with more in it', `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more`, true],
    ['more than version 00 has', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more`, false],
    ['version ff', `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, false],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, false],
    ['a span of zeros', `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`, false],
    ['upper case', `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`, false],
  ])('a traceparent is read as W3C says: %s', (_what, text, isOne) => {
    expect(parseTraceparent(text) !== undefined).toBe(isOne)
  })

  test('OpenTelemetry is loaded by one file, which is loaded only when something is traced', async () => {
    const files = [...(await readSourceTree())]
    const users = files.filter(([, text]) => /(?:from |import\()'@opentelemetry/.test(text))
    expect(users.map(([path]) => path)).toEqual(['platform/tracing/open-tracer.ts'])
    expect(users[0]?.[1]).not.toMatch(/^import (?!type ).*'@opentelemetry/m)
    const loaders = files.filter(([, text]) => /open-tracer\.ts'/.test(text))
    expect(
      loaders.map(([path, text]) => [path, /await import\('[^']*open-tracer\.ts'\)/.test(text)]),
    ).toEqual([['tracing.ts', true]])
  })
})

describe('the access log', () => {
  const contentOf = (id: string) => `${gateway.url}/media/${id}/content`

  test('one line tells who asked for what, how long it took and how much it moved', async () => {
    const bytes = Buffer.alloc(100_000, 'x')
    const { media } = await gateway.upload({ bytes, fileName: 'canary-file-name.txt' })
    const requestId = 'access-log-1'
    const agent = `canary-agent ${'x'.repeat(300)}`
    await fetch(contentOf(media.id), {
      headers: { authorization: ADMIN, 'x-request-id': requestId, 'user-agent': agent },
    }).then(response => response.arrayBuffer())
    const line = await lineLike({ requestId })
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      msg: 'request',
      requestId,
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      method: 'GET',
      route: '/media/:id/content',
      status: 200,
      ms: expect.any(Number),
      bytesIn: expect.any(Number),
      bytesOut: expect.any(Number),
      account: 'acme',
      principal: 'key:root',
      client: '127.0.0.1',
      agent: agent.slice(0, 200),
    })
    expect(line.bytesOut).toBeGreaterThan(bytes.length)
    expect(line.bytesOut).toBeLessThan(bytes.length + 5_000)
    expect(line.bytesIn).toBeLessThan(1_000)
  })

  test('bytes are those of the request, also of one that comes second over a connection', async () => {
    const body = Buffer.alloc(50_000, 'y')
    for (const requestId of ['first', 'second', 'third']) {
      const { putUrl } = await ticketFor(gateway, { size: body.length })
      const init = { method: 'PUT', body, headers: { 'x-request-id': requestId } }
      await fetch(putUrl, init).then(response => response.arrayBuffer())
      const { bytesIn, bytesOut } = await lineLike({ requestId })
      expect(bytesIn).toBeGreaterThan(body.length)
      expect(bytesIn).toBeLessThan(body.length + 2_000)
      expect(bytesOut).toBeLessThan(5_000)
    }
  })

  test('of GraphQL it tells the type, the name and the outcome of the operation', async () => {
    const ask = async (query: string, requestId: string) => {
      await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { authorization: ADMIN, 'content-type': 'application/json', 'x-request-id': requestId },
        body: JSON.stringify({ query }),
      }).then(response => response.arrayBuffer())
      return (await lineLike({ requestId, msg: 'request' })).operation
    }
    expect(await ask('query Who { viewer { principal } }', 'gql-1')).toEqual({
      type: 'query',
      name: 'Who',
      outcome: 'ok',
    })
    expect(await ask('{ viewer { principal } }', 'gql-2')).toEqual({ type: 'query', outcome: 'ok' })
    expect(await ask('{ no such', 'gql-3')).toEqual({ type: 'none', outcome: 'refused' })
    expect(await ask('query Wrong { viewer { wrong } }', 'gql-4')).toMatchObject({ outcome: 'refused' })
  })

  test('an answer that is cut off is told, with what was sent of it', async () => {
    const bytes = Buffer.alloc(16_000_000, 'z')
    const { media } = await gateway.upload({ bytes })
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    const requestId = 'cut-off'
    socket.write(
      `GET /media/${media.id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\nX-Request-Id: ${requestId}\r\n\r\n`,
    )
    await once(socket, 'data')
    socket.destroy()
    const line = await lineLike({ requestId })
    expect(line).toMatchObject({ status: 200, cut: true, account: 'acme' })
    expect(line.bytesOut).toBeLessThan(bytes.length)
  })

  test('a client that goes before there is any answer is told without a status', async () => {
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    const requestId = 'gone-early'
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\nX-Request-Id: ${requestId}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`,
    )
    expect(String((await once(socket, 'data'))[0])).toContain('100 Continue')
    socket.destroy()
    expect(await lineLike({ requestId })).toMatchObject({ status: null, cut: true, route: '/graphql' })
  })

  test('tokens of share links, signatures of URLs, ids and names of files are not in it', async () => {
    const { media } = await gateway.upload({ bytes: Buffer.from('shared'), fileName: 'canary-file-name.txt' })
    const { createShareLink } = await gateway.query(
      'mutation($input: CreateShareLinkInput!) { createShareLink(input: $input) { url userErrors { message } } }',
      { input: { mediaId: media.id } },
    )
    const { media: signed } = await gateway.query('query($id: ID!) { media(id: $id) { url } }', {
      id: media.id,
    })
    const before = lines.length
    const seen: Promise<Line>[] = []
    for (const [i, url] of [createShareLink.url, signed.url].entries()) {
      const requestId = `secret-${i}`
      const { pathname, search } = new URL(url)
      const { status } = await fetch(`${gateway.url}${pathname}${search}`, {
        headers: { 'x-request-id': requestId },
      })
      expect(status).toBe(200)
      seen.push(lineLike({ requestId }))
    }
    await Promise.all(seen)
    const text = JSON.stringify(lines.slice(before))
    const token = new URL(createShareLink.url).pathname.split('/').at(-1) ?? ''
    const signature = new URL(signed.url).searchParams.get('sig') ?? ''
    for (const secret of [token, signature, media.id, 'canary-file-name']) {
      expect(secret.length).toBeGreaterThan(10)
      expect([secret, text.includes(secret)]).toEqual([secret, false])
    }
  })

  test('a subscription over a stream is told as one, one over a WebSocket when it is closed', async () => {
    for (const [follow, wanted] of [
      [followBySse, { route: '/graphql/stream' }],
      [followByWebSocket, { msg: 'websocket closed' }],
    ] as const) {
      const { viewer } = await gateway.query('{ viewer { eventCursor } }')
      const following = follow(gateway.url, { authorization: ADMIN, after: viewer.eventCursor })
      await gateway.upload({ bytes: Buffer.from('an event') })
      await following.next()
      await following.stop()
      const line = await lineLike(wanted)
      expect(line).toMatchObject({ account: 'acme', principal: 'key:root', client: '127.0.0.1' })
    }
    const stream = await lineLike({ route: '/graphql/stream' })
    expect(stream.operation).toMatchObject({ type: 'subscription', outcome: 'ok' })
  })

  test.each([
    ['errors', [404, 401]],
    ['off', []],
  ] as const)('ACCESS_LOG=%s leaves lines out', async (mode, statuses) => {
    const from = lines.length
    const second = await gateway.beside({ ACCESS_LOG: mode, OTEL_SDK_DISABLED: 'true' }, { logTo })
    for (const path of ['/health/live', '/no/such', '/health/live', '/graphql'])
      await fetch(`${second.url}${path}`).then(response => response.arrayBuffer())
    await second.close()
    const told = lines.slice(from).filter(({ msg }) => msg === 'request')
    expect(told.map(({ status }) => status)).toEqual(statuses)
  })
})
