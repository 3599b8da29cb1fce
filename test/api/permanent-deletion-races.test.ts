import { PassThrough } from 'node:stream'
import { type OpenSite, startSite } from '../doors/start-site.ts'
import { multipartBody } from '../doors/wire.ts'
import { failingDriver, StoreFaults } from '../faults/store/failing-driver.ts'
import { ADMIN, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { graphqlClient } from '../support/gql.ts'
import { done, isTime, permanentDeletionTools } from '../support/permanent-deletions.ts'
import { pictureTools } from '../support/pictures.ts'
import { tablesWith } from '../support/remains.ts'
import { replaceContent } from '../support/replace.ts'
import { put, ticketFor } from '../support/tickets.ts'
import { TusByHand } from '../support/tus.ts'

const store = new StoreFaults()
let site: OpenSite
let gateway: TestApp
beforeAll(async () => {
  site = await startSite(
    { STRIP_ON_PUBLIC: 'on', KEEP_VERSIONS: '1' },
    { wrapStore: driver => failingDriver(driver, store) },
  )
  gateway = site.gateway
})
afterEach(async () => {
  store.plan(null)
  await gateway.app.foundation.storage.check('default')
})
afterAll(() => site.close())

const { sql, image, fetched, variantsOf } = pictureTools(() => gateway)
const { noteStored, stored, upload, remove, purge, purgeOf } = permanentDeletionTools(() => gateway)
beforeEach(noteStored)
const uploadPicture = async (input: object = {}): Promise<string> =>
  (await gateway.upload({ bytes: fixture('photo-gps.jpg').bytes(), fileName: 'p.jpg' }, { ...input })).media
    .id

describe('what another media has, too', () => {
  test('stays until the last of them goes: variants, previews, redactions', async () => {
    const [one, twin] = [await uploadPicture({ public: true }), await uploadPicture()]
    const { url } = await image(one, { width: 20, format: 'JPEG' })
    expect((await fetched(url)).status).toBe(200)
    expect((await fetched(`${gateway.url}/media/${one}/content`)).status).toBe(200)
    const redactions = () => sql(`SELECT 1 FROM redaction`)
    expect([await redactions(), await variantsOf(one)]).toMatchObject([[{}], [{ recipe: 'w20-jpeg@1' }]])
    expect(await purge(one)).toEqual(done(one))
    expect([await redactions(), await variantsOf(twin)]).toMatchObject([[{}], [{ recipe: 'w20-jpeg@1' }]])
    expect(await purge(twin)).toEqual(done(twin))
    expect([await redactions(), await sql(`SELECT 1 FROM variant`)]).toEqual([[], []])
    expect(await stored()).toEqual([])
  })

  test('goes when both go at one time, at two nodes', async () => {
    const second = await gateway.beside()
    const there = graphqlClient(second.url, ADMIN)
    for (let round = 0; round < 5; round++) {
      const [one, twin] = [await uploadPicture(), await uploadPicture()]
      expect((await fetched((await image(one, { width: 20, format: 'JPEG' })).url)).status).toBe(200)
      await Promise.all([purge(one), purge(twin, there)])
      expect(await sql(`SELECT 1 FROM variant`)).toEqual([])
      // Who came first was told that all is gone before the other took what both had.
      expect(await stored()).toEqual([])
    }
    await second.close()
  })
})

describe('what comes in the meantime', () => {
  test.each([
    ['a replacement by file', 'file'],
    ['a replacement by ticket', 'ticket'],
  ])('%s finds nothing to replace, and leaves nothing', async (_, way) => {
    const id = await upload('before')
    const ticket =
      way === 'ticket' ? await ticketFor(gateway, { replaces: { id }, fileName: 'secret name' }) : null
    if (ticket) expect((await put(ticket.putUrl, Buffer.from('its new content'))).status).toBe(201)
    const running = ticket ? null : replaceSlowly(id)
    if (running) await stagedBytes()
    expect(await purge(id)).toEqual(done(id))
    if (running) expect(await running.goOn()).toBe('NOT_FOUND')
    if (ticket) {
      const { completeUpload } = await gateway.query(
        `mutation($id: ID!) { completeUpload(input: { id: $id }) { media { id } userErrors { code } } }`,
        { id: ticket.id },
      )
      expect(completeUpload).toEqual({ media: null, userErrors: [{ code: 'NOT_FOUND' }] })
      expect(await tablesWith(gateway.app.foundation.database, ['secret name'])).toEqual([])
    }
    expect(await stored()).toEqual([])
  })

  test('a resumable upload of a new content ends, and its bytes go with the reaper', async () => {
    const id = await upload('before')
    const { tusEndpoint } = await ticketFor(gateway, { replaces: { id } })
    const tus = new TusByHand(tusEndpoint ?? '', null)
    const url = await tus.create(20)
    await tus.patch(url, 0, { body: 'ten bytes.' })
    expect(await purge(id)).toEqual({ ...done(id), purgedAt: null })
    expect((await tus.patch(url, 10, { body: 'ten bytes.' })).status).toBe(404)
    await gateway.app.reaper.run()
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
  })

  test('an import that is under way gives its bytes up, and the purge waits for that', async () => {
    let answer: () => void = () => undefined
    const arrived = new Promise<void>(resolve => {
      site.origin.answer((_request, response) => {
        response.writeHead(200, { 'content-length': '600000' })
        response.write(Buffer.alloc(300_000, 'x'))
        answer = () => void response.end(Buffer.alloc(300_000, 'x'))
        resolve()
      })
    })
    const { importMedia } = await gateway.query(
      `mutation($url: String!) { importMedia(input: { url: $url }) { media { id } } }`,
      { url: `${site.origin.url}/file` },
    )
    const { id } = importMedia.media
    const context = { job: { attempts: 1 }, abortSignal: new AbortController().signal }
    const job = gateway.app.jobs
      .find(({ name }) => name === 'media.import')
      ?.run({ mediaId: id }, context as never)
    await arrived
    await stagedBytes()
    expect(await purge(id)).toEqual({ ...done(id), purgedAt: null })
    answer()
    await Promise.resolve(job).catch(() => undefined)
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
    expect(await sql(`SELECT 1 FROM media WHERE id = $1`, [id])).toEqual([])
  })

  test('a variant that is being made, or staged afterwards, is not kept', async () => {
    const id = await uploadPicture()
    const [content] = await sql<{ sha256: string; accountId: string; storeId: string }>(
      `SELECT sha256, account_id AS "accountId", store_id AS "storeId" FROM media WHERE id = $1`,
      [id],
    )
    if (!content) throw new Error('unreachable')
    const { variants } = gateway.app.pictures
    const body = new PassThrough()
    const facts = { mimeType: 'image/png', width: 1, height: 1 }
    const making = variants.put(content, facts, body).then(
      () => 'kept',
      error => error.code,
    )
    body.write('half of a picture')
    await stagedBytes()
    expect(await purge(id)).toEqual({ ...done(id), purgedAt: null })
    body.end()
    expect(await making).toBe('NOT_FOUND')
    const late = new PassThrough()
    late.end('a picture')
    store.plan(null)
    await expect(variants.put(content, facts, late)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    // No byte of it has come to the store, not even for a moment.
    expect(store.calls).toEqual([])
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
  })

  test.each([
    ['a permanent deletion', async (id: string) => void (await purge(id))],
    [
      'the end of its time in the trash',
      async (id: string) => {
        await remove(id)
        await sql(`UPDATE media SET purge_at = now() WHERE id = $1`, [id])
        await gateway.app.trash.empty()
        await gateway.app.reaper.run()
        await gateway.app.purges.settle()
      },
    ],
  ])(
    'versions and variants that had left before, with a grace for downloads, lose it by %s',
    async (_, end) => {
      const id = await uploadPicture()
      expect((await fetched((await image(id, { width: 20, format: 'JPEG' })).url)).status).toBe(200)
      await replaceContent(
        { url: gateway.url, authorization: ADMIN },
        { bytes: Buffer.from('second') },
        { id },
      )
      await sql(
        `UPDATE media_version SET created_at = created_at - interval '100 days' WHERE media_id = $1`,
        [id],
      )
      expect(await gateway.app.oldVersions.remove()).toBe(1)
      await gateway.app.pictures.cleaning.removeOrphans()
      await gateway.app.reaper.run()
      expect(await stored()).toHaveLength(3)
      await end(id)
      expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
    },
  )
})

/** A replacement whose second half is sent by `goOn`, which gives the code of the refusal. */
function replaceSlowly(id: string) {
  const query = `mutation R($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) { userErrors { code } } }`
  const { type, body } = multipartBody(
    { query, variables: { input: { id, file: null } } },
    { path: 'variables.input.file', bytes: Buffer.alloc(600_000, 'x') },
  )
  const whole = Buffer.concat([...body])
  const { promise, resolve } = Promise.withResolvers<void>()
  const halves = new ReadableStream({
    async start(controller) {
      controller.enqueue(whole.subarray(0, whole.length / 2))
      await promise
      controller.enqueue(whole.subarray(whole.length / 2))
      controller.close()
    },
  })
  const answer = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'apollo-require-preflight': 'true', 'content-type': type },
    body: halves,
    duplex: 'half',
  } as RequestInit)
  return {
    async goOn(): Promise<string | undefined> {
      resolve()
      const { data } = (await (await answer).json()) as never as {
        data: { replaceMediaContent: { userErrors: { code: string }[] } }
      }
      return data.replaceMediaContent.userErrors[0]?.code
    },
  }
}

/** Resolves when bytes are on their way that nobody has. */
async function stagedBytes(): Promise<void> {
  for (;;) {
    const rows = await sql(`SELECT 1 FROM blob WHERE state = 'staged'`)
    if (rows.length > 0) return
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
