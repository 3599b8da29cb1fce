import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { startJobs } from '../../src/platform/jobs/job-runner.ts'
import { FOREIGN, startApp } from '../support/app.ts'
import { fixtures } from '../support/fixtures.ts'
import { FIELDS, importSite, serve } from '../support/imports.ts'

const site = importSite()
const { announce, content, eventsOf, read, request, sql, work } = site

describe('a file that is fetched', () => {
  test.each(fixtures.all.map(fixture => [fixture.file, fixture] as const))(
    '%s gives the same media as its upload',
    async (_, fixture) => {
      const bytes = await readFile(fixture.path)
      const said = { title: 'T', tags: ['a'], sourceType: 'snapshot' }
      const mimeType = 'application/x-declared'
      const { media: uploaded } = await site.gateway.upload(
        { bytes, fileName: fixture.file, mimeType },
        said,
        FIELDS,
      )
      site.origin.answer(serve(bytes, { 'content-type': mimeType }))
      const id = await announce({ url: `${site.origin.url}/some/${fixture.file}?token=secret`, ...said })
      expect((await content(id)).status).toBe(409)
      await work(id)
      const { revision: _revision, ...imported } = await read(id)
      expect(imported).toEqual(uploaded)
      expect(Buffer.compare(Buffer.from(await (await content(id)).arrayBuffer()), bytes)).toBe(0)
    },
  )

  test('is announced, then told of as completed, in another revision', async () => {
    site.origin.answer(serve('hello'))
    const { media, clientMutationId } = await request({
      url: `${site.origin.url}/a.txt`,
      clientMutationId: 'c',
    })
    expect(clientMutationId).toBe('c')
    expect(media).toMatchObject({
      status: 'PENDING',
      originalFileName: 'a.txt',
      size: null,
      sha256: null,
      kind: 'FILE',
      mimeType: 'application/octet-stream',
    })
    await work(media.id)
    const done = await read(media.id)
    expect(done).toMatchObject({ status: 'COMPLETED', mimeType: 'text/plain', kind: 'DOCUMENT' })
    expect(done.revision).not.toBe(media.revision)
    expect(await eventsOf(media.id)).toEqual(['media.created', 'media.completed'])
  })

  test.each([
    ['what the user calls it', { fileName: 'mine.txt' }, 'attachment; filename="theirs.txt"', 'mine.txt'],
    ['what its server calls it', {}, 'attachment; filename="../../etc/theirs.txt"', 'theirs.txt'],
    ['in any script', {}, `attachment; filename*=UTF-8''%E2%82%AC.txt`, '€.txt'],
    ['the end of the URL', {}, undefined, 'an url.txt'],
  ])('is called %s', async (_, input, disposition, name) => {
    site.origin.answer(serve('x', disposition ? { 'content-disposition': disposition } : {}))
    const id = await announce({ url: `${site.origin.url}/folder/an%20url.txt`, ...input })
    await work(id)
    expect(await read(id)).toMatchObject({ status: 'COMPLETED', originalFileName: name })
  })

  test('comes through redirects, and carries nothing of who asked', async () => {
    const headers: unknown[] = []
    site.origin.answer((incoming, response) => {
      headers.push(incoming.headers.authorization, incoming.headers.cookie)
      if (incoming.url === '/moved') response.writeHead(302, { location: '/there.txt' }).end()
      else response.end('there')
    })
    const id = await announce({ url: `${site.origin.url}/moved` })
    await work(id)
    expect(await (await content(id)).text()).toBe('there')
    expect(headers).toEqual([undefined, undefined, undefined, undefined])
  })

  test('is fetched by the worker of the gateway, once', async () => {
    const { pool } = site.gateway.app.foundation.database
    await sql(`SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs`)
    const before = site.origin.seen.requests
    const fetched = Promise.withResolvers<void>()
    site.origin.answer((_request, response) => void response.end('by the worker', () => fetched.resolve()))
    const jobs = await startJobs({ pool, log: site.gateway.app.foundation.log, kinds: site.gateway.app.jobs })
    try {
      const id = await announce({ url: `${site.origin.url}/worker.txt` })
      await fetched.promise
      await jobs.stop()
      expect(await read(id)).toMatchObject({ status: 'COMPLETED', size: 13 })
      expect(site.origin.seen.requests - before).toBe(1)
    } finally {
      await jobs.stop().catch(() => undefined)
    }
  })
})

describe('what may pass', () => {
  test.each([
    ['a server that is busy', (_, response) => void response.writeHead(503).end()],
    ['one that has seen too many requests', (_, response) => void response.writeHead(429).end()],
    [
      'one that breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('x')
        setImmediate(() => response.destroy())
      },
    ],
    ['one that hangs up', (_, response) => void response.destroy()],
  ] satisfies [string, RequestListener][])(
    '%s is asked again, and then has the file',
    async (_, listener) => {
      site.origin.answer(listener)
      const id = await announce({ url: `${site.origin.url}/later.txt` })
      await expect(work(id)).rejects.toThrow()
      expect(await read(id)).toMatchObject({ status: 'PENDING', statusReason: null })
      site.origin.answer(serve('at last'))
      await work(id, 2)
      expect(await read(id)).toMatchObject({ status: 'COMPLETED', size: 7 })
      // A worker that was killed before it could say that it is done.
      await work(id, 3)
      expect(await sql(`SELECT n FROM media_version WHERE media_id = $1`, [id])).toEqual([{ n: 1 }])
    },
  )

  test('fails in the end', async () => {
    site.origin.answer((_, response) => void response.writeHead(503).end())
    const id = await announce({ url: site.origin.url })
    await expect(work(id, 7)).rejects.toThrow()
    await work(id, 8)
    expect(await read(id)).toMatchObject({ status: 'FAILED', statusReason: expect.stringContaining('503') })
  })

  test('a worker that stops leaves the file to another one', async () => {
    const stop = new AbortController()
    site.origin.answer(() => stop.abort(new Error('stopping')))
    const id = await announce({ url: site.origin.url })
    const job = site.gateway.app.jobs.find(({ name }) => name === 'media.import')
    const run = job?.run({ mediaId: id }, { job: { attempts: 8 }, abortSignal: stop.signal } as never)
    await expect(run).rejects.toThrow('stopping')
    expect(await read(id)).toMatchObject({ status: 'PENDING' })
  })

  test('two workers at once store one content', async () => {
    site.origin.answer(serve('one content'))
    const id = await announce({ url: site.origin.url })
    await Promise.all([work(id), work(id)])
    expect(await read(id)).toMatchObject({ status: 'COMPLETED' })
    expect(await sql(`SELECT 1 FROM media_version WHERE media_id = $1`, [id])).toHaveLength(1)
    expect(await eventsOf(id)).toEqual(['media.created', 'media.completed'])
  })

  test('the job of a worker that was killed is given back', async () => {
    const id = await announce({ url: site.origin.url })
    await sql(
      `UPDATE graphile_worker._private_jobs SET locked_by = 'dead', locked_at = now() - interval '661 seconds'
       WHERE payload ->> 'mediaId' = $1`,
      [id],
    )
    const giveBack = site.gateway.app.jobs.find(({ name }) => name === 'imports.giveBack')
    await giveBack?.run({}, {} as never)
    expect(await sql(`SELECT 1 FROM graphile_worker.jobs WHERE locked_by = 'dead'`)).toEqual([])
  })
})

describe('meanwhile', () => {
  const remove = (id: string) =>
    site.gateway.query(`mutation($id: ID!) { deleteMedia(input: { id: $id }) { userErrors { code } } }`, {
      id,
    })
  const blobs = () => sql(`SELECT id FROM blob WHERE state = 'live'`)

  test('deleted before it is fetched: nobody is asked', async () => {
    const id = await announce({ url: site.origin.url })
    await remove(id)
    const { requests } = site.origin.seen
    await work(id)
    expect(site.origin.seen.requests).toBe(requests)
    expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted'])
  })

  test('deleted while it is fetched: nothing is kept', async () => {
    const id = await announce({ url: site.origin.url })
    const before = await blobs()
    site.origin.answer(async (_, response) => {
      response.write('half')
      await remove(id)
      response.end('whole')
    })
    await work(id)
    expect(await blobs()).toEqual(before)
    expect(await sql(`SELECT status FROM media WHERE id = $1`, [id])).toEqual([{ status: 'FAILED' }])
    expect(await sql(`SELECT 1 FROM media_import WHERE media_id = $1`, [id])).toEqual([])
  })

  test('held: the content comes all the same', async () => {
    const id = await announce({ url: site.origin.url })
    await site.gateway.query(
      `mutation($id: ID!) { applyLegalHold(input: { mediaId: $id, reason: "r" }) { userErrors { code } } }`,
      { id },
    )
    site.origin.answer(serve('evidence'))
    await work(id)
    expect(await read(id)).toMatchObject({ status: 'COMPLETED' })
  })
})

describe('a request', () => {
  test.each([
    ['a private address', 'http://10.0.0.1/', 'URL_NOT_ALLOWED'],
    ['this machine by another name', 'http://localhost/', 'URL_NOT_ALLOWED'],
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data', 'URL_NOT_ALLOWED'],
    ['a file', 'file:///etc/passwd', 'URL_NOT_ALLOWED'],
    ['a password', 'http://a:b@127.0.0.1/', 'URL_NOT_ALLOWED'],
    ['nothing', '', 'URL_NOT_ALLOWED'],
    ['U+0000 in the name of the host', 'http://127.0.0.1\0.test/', 'URL_NOT_ALLOWED'],
    ['half a surrogate pair', '\ud800', 'URL_NOT_ALLOWED'],
    ['a long URL', `http://127.0.0.1/${'x'.repeat(2_048)}`, 'URL_NOT_ALLOWED'],
  ])('for %s is refused', async (_, url, code) => {
    const { media, userErrors } = await request({ url })
    expect(media).toBeNull()
    expect(userErrors).toEqual([
      { __typename: 'InvalidInputError', code, message: expect.any(String), field: ['input', 'url'] },
    ])
  })

  test.each([
    ['an empty file name', { fileName: ' ' }, 'fileName'],
    ['a file name with U+0000', { fileName: 'a\0' }, 'fileName'],
    ['a long file name', { fileName: 'a'.repeat(256) }, 'fileName'],
    ['a wrong field', { maxDownloads: -1 }, 'maxDownloads'],
  ])('with %s is refused', async (_, fields, field) => {
    const { userErrors } = await request({ url: site.origin.url, ...fields })
    expect(userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', field] }])
  })

  test('for a name that is taken is refused, and leaves no job', async () => {
    const name = randomUUID()
    await announce({ url: site.origin.url, name })
    const [before] = await sql(`SELECT count(*) FROM graphile_worker.jobs`)
    expect((await request({ url: site.origin.url, name })).userErrors).toMatchObject([{ code: 'NAME_TAKEN' }])
    expect(await sql(`SELECT count(*) FROM graphile_worker.jobs`)).toEqual([before])
  })

  test('that comes twice makes one media, also when that is complete', async () => {
    site.origin.answer(serve('once'))
    const input = { url: `${site.origin.url}/once.txt`, idempotencyKey: randomUUID() }
    const id = await announce(input)
    expect(await announce(input)).toBe(id)
    await work(id)
    const again = await request(input)
    expect(again.media).toMatchObject({ id, status: 'COMPLETED' })
    const other = await request({ ...input, url: `${site.origin.url}/other.txt` })
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }])
  })

  test('that comes twice from who may only create is answered as long as nobody changed the media', async () => {
    const { key, secret } = await site.gateway.app.keys.create({
      accountId: 'acme',
      scopes: ['media:create'],
    })
    const creator = site.gateway.as(`Bearer mgw_${key.id}_${secret}`)
    site.origin.answer(serve('once'))
    const input = { url: `${site.origin.url}/once.txt`, idempotencyKey: randomUUID() }
    const { id } = (await request(input, creator)).media
    expect((await request(input, creator)).media).toMatchObject({ id, status: 'PENDING' })
    await work(id)
    expect((await request(input, creator)).media).toMatchObject({ id, status: 'COMPLETED' })
    const rename = `mutation($id: ID!) { updateMedia(input: { id: $id, title: "hidden" }) { userErrors { code } } }`
    await site.gateway.query(rename, { id })
    expect((await request(input, creator)).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_RESULT_GONE' }])
  })

  test('of another account makes a media that this one does not see', async () => {
    const { media } = await request({ url: site.origin.url }, site.gateway.as(FOREIGN))
    expect(await read(media.id)).toBeNull()
  })

  test('is refused where imports are off, which they are unless an operator says otherwise', async () => {
    const closed = await startApp()
    try {
      const { media, userErrors } = await request({ url: site.origin.url }, closed)
      expect(media).toBeNull()
      expect(userErrors).toMatchObject([{ __typename: 'ConflictError', code: 'IMPORTS_OFF' }])
    } finally {
      await closed.close()
    }
  })

  test('tells no log of its URL', async () => {
    site.origin.answer((_, response) => void response.writeHead(503).end())
    const { pool } = site.gateway.app.foundation.database
    await sql(`SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs`)
    const secret = randomUUID()
    await announce({ url: `${site.origin.url}/x?token=${secret}` })
    const asked = Promise.withResolvers<void>()
    site.origin.answer((_, response) => void response.writeHead(503).end(() => asked.resolve()))
    const jobs = await startJobs({ pool, log: site.gateway.app.foundation.log, kinds: site.gateway.app.jobs })
    await asked.promise
    await jobs.stop()
    const lines = site.gateway.log.map(line => JSON.stringify(line))
    expect(lines.some(line => line.includes('media.import'))).toBe(true)
    expect(lines.filter(line => line.includes(secret))).toEqual([])
  })
})
