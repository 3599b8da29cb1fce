import type { RequestListener } from 'node:http'
import { ADMIN, startApp } from '../support/app.ts'
import { importSite, LIMIT, serve } from '../support/imports.ts'

const site = importSite()
const { announce, content, eventsOf, read, request, work } = site

describe('what cannot be fetched', () => {
  async function failure(listener: RequestListener, path = '/x'): Promise<string> {
    site.origin.answer(listener)
    const id = await announce({ url: site.origin.url + path })
    await work(id)
    const media = await read(id)
    expect(media).toMatchObject({ status: 'FAILED', size: null })
    expect(await eventsOf(id)).toEqual(['media.created', 'media.failed'])
    const answer = await content(id)
    expect([answer.status, (await answer.json()).error?.code]).toEqual([409, 'CONTENT_NEVER_CAME'])
    return media.statusReason
  }

  test('because it is not there fails at once, and says so', async () => {
    expect(await failure((_, response) => void response.writeHead(404).end())).toContain('404')
  })

  test('because it is too large by what its server says, is not read', async () => {
    const reason = await failure((_, response) => {
      response.writeHead(200, { 'content-length': String(LIMIT + 1) })
      response.flushHeaders()
    })
    expect(reason).toContain('larger')
  })

  test('because it turns out too large, is not read on', async () => {
    const chunk = Buffer.alloc(1_000_000)
    const reason = await failure((_, response) => {
      const more = () => {
        if (!response.destroyed) response.write(chunk, more)
      }
      more()
    })
    expect(reason).toContain('larger')
  })

  test('because it is endless, ends with the time', async () => {
    site.origin.answer((_, response) => {
      const drip = setInterval(() => response.write('x'), 50)
      response.on('close', () => clearInterval(drip))
    })
    const hasty = await startApp({ IMPORT_FROM_URL: '127.0.0.1', IMPORT_SECONDS: '1' })
    try {
      const { media } = await request({ url: site.origin.url }, hasty)
      await work(media.id, 1, hasty)
      const query = `{ media(id: "${media.id}") { status statusReason } }`
      expect((await hasty.query(query)).media).toEqual({
        status: 'FAILED',
        statusReason: 'Fetching the file took longer than 1 s.',
      })
    } finally {
      await hasty.close()
    }
  })

  test('because it is encoded, says so', async () => {
    expect(await failure(serve('x', { 'content-encoding': 'br' }))).toContain('encoded')
  })

  test('because it leads elsewhere, says not where to, and asks nobody there', async () => {
    const before = site.canary.seen.connections
    const reason = await failure((_, response) => {
      response.writeHead(302, { location: `${site.canary.url}/secret` }).end()
    })
    expect(reason).toBe('The URL leads to a place that this gateway does not fetch from.')
    expect(site.canary.seen.connections).toBe(before)
  })

  test('is left out of an archive, which says why', async () => {
    site.origin.answer((_, response) => void response.writeHead(410).end())
    const failed = await announce({ url: site.origin.url })
    await work(failed)
    const pending = await announce({ url: site.origin.url })
    const answer = await fetch(`${site.gateway.url}/media/archive`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'content-type': 'application/json' },
      body: JSON.stringify({ ids: [failed, pending] }),
    })
    const zip = Buffer.from(await answer.arrayBuffer()).toString('latin1')
    expect(zip).toContain('CONTENT_NEVER_CAME')
    expect(zip).toContain('CONTENT_PENDING')
  })

  test('has nothing to give through a share link either', async () => {
    const pending = await announce({ url: site.origin.url })
    const { createShareLink } = await site.gateway.query(
      `mutation($id: ID!) { createShareLink(input: { mediaId: $id, expiresIn: 60, maxDownloads: 1 }) { url userErrors { code } } }`,
      { id: pending },
    )
    const { pathname } = new URL(createShareLink.url)
    for (const _ of [1, 2]) {
      const answer = await fetch(site.gateway.url + pathname)
      expect([answer.status, (await answer.json()).error?.code]).toEqual([409, 'CONTENT_PENDING'])
    }
  })
})
