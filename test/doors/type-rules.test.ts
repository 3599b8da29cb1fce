import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ADMIN } from '../support/app.ts'
import { parseDisposition } from '../support/content-disposition.ts'
import { fixture } from '../support/fixtures.ts'
import { readZip } from '../support/zip.ts'
import type { Door } from './door.ts'
import { DOORS } from './doors.ts'
import { refusalAt } from './expectation.ts'
import { type OpenSite, startSite } from './start-site.ts'

// Whichever way bytes come in: what the operator says of types is held against what they are, not against what they are called.

const LIMIT = 30_000
let site: OpenSite
beforeAll(async () => {
  site = await startSite({
    TYPE_RULES: `account:acme+type:image/gif=refuse account:acme+kind:IMAGE=max:${LIMIT} account:acme+type:application/pdf=kind:FILE,extension:paper account:other=refuse`,
  })
})
// Closing it asks the doctor, who looks for bytes that belong to nobody.
afterAll(() => site.close())

const sql = <Row>(text: string) => site.gateway.app.foundation.database.query<Row>(text)
const counts = async () =>
  (
    await sql(
      `SELECT (SELECT count(*)::int FROM media) AS media, (SELECT count(*)::int FROM media_version) AS versions`,
    )
  )[0]

/** What is nobody's: bytes on their way, and files without a row. */
async function onTheWay() {
  const [rows] = await sql<{ live: number; others: number }>(
    `SELECT count(*) FILTER (WHERE state = 'live')::int AS live, count(*) FILTER (WHERE state <> 'live')::int AS others FROM blob`,
  )
  return { others: rows?.others, files: (await site.gateway.storedNames()).length - (rows?.live ?? 0) }
}

/** Waits until nothing is on its way any more, or fails with what stays. */
async function leavesNothing(): Promise<void> {
  const until = Date.now() + 30_000
  let seen = await onTheWay()
  while (seen.others || seen.files) {
    if (Date.now() > until) break
    await new Promise(resolve => setImmediate(resolve))
    seen = await onTheWay()
  }
  expect(seen).toEqual({ others: 0, files: 0 })
}

/** Parts wait for another try to join them: forgets them. */
async function forgetParts(): Promise<void> {
  await sql(`DELETE FROM tus_upload`)
  await sql(`UPDATE blob SET lease_until = now() - interval '1 day' WHERE state <> 'live'`)
  await site.gateway.app.reaper.run()
}

const gif = fixture('animated.gif').bytes()
const png = fixture('photo.png').bytes()

describe.each(DOORS.map(door => [door.name, door] as const))('through %s', (_name, door) => {
  test.each([
    ['a type that is refused, called another', gif, 'image/png', 'UNSUPPORTED_TYPE'],
    ['a small file of that type', gif.subarray(0, 3_000), 'text/plain', 'UNSUPPORTED_TYPE'],
    ['one too large for its kind, called another', png, 'video/mp4', 'FILE_TOO_LARGE'],
  ] as const)('%s does not come in, and nothing of it stays', async (_what, bytes, mimeType, code) => {
    expect(bytes.length).toBeGreaterThan(code === 'FILE_TOO_LARGE' ? LIMIT : 0)
    const before = await counts()
    const came = await door.send(site, { bytes, mimeType, fileName: 'x.png' })
    const told = refusalAt(door, { code, field: 'file', of: 'bytes' })
    // It is not the size that was announced that is at fault, where a door has no other word for the file.
    const refusal = told.field === 'size' ? { ...told, field: 'file' } : told
    expect(came).toEqual({ refusal })
    const after = await counts()
    // A replacement made the media before; an import says at its media what came of it.
    if (door.makes === 'media' && !door.uses.includes('Mutation.importMedia')) expect(after).toEqual(before)
    if (door.name.includes('parts')) await forgetParts()
    await leavesNothing()
  })

  test('one of the same kind within the limit does, and is saved by what it is', async () => {
    const bytes = fixture('photo-gps.jpg').bytes()
    const { mediaId, refusal } = await door.send(site, {
      bytes,
      mimeType: 'image/gif',
      fileName: 'photo.gif',
    })
    expect(refusal).toBeUndefined()
    const answer = await fetch(`${site.gateway.url}/media/${mediaId}/content`, {
      headers: { authorization: ADMIN },
    })
    await answer.arrayBuffer()
    const { fileName } = parseDisposition(answer.headers.get('content-disposition') ?? '')
    expect(fileName).toMatch(/\.jpg$/)
  })
})

test('a type that is refused is told as soon as the bytes say it, though more are to come', async () => {
  const { createUpload } = await site.gateway.query(
    'mutation { createUpload(input: {}) { ticket { putUrl } } }',
  )
  const put = request(createUpload.ticket.putUrl, { method: 'PUT' })
  put.on('error', () => undefined)
  put.write(gif.subarray(0, 200_000))
  const [answer] = (await once(put, 'response')) as [IncomingMessage]
  put.destroy()
  expect(answer.statusCode).toBe(415)
  await leavesNothing()
})

test('a type may be taken for another kind and named by another extension, in archives too', async () => {
  const bytes = fixture('document-13-pages.pdf').bytes()
  const { media } = await site.gateway.upload(
    { bytes, fileName: 'report.pdf' },
    {},
    'id kind mimeType originalFileName',
  )
  expect(media).toMatchObject({ kind: 'FILE', mimeType: 'application/pdf', originalFileName: 'report.pdf' })
  const archive = await fetch(`${site.gateway.url}/media/archive`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify({ ids: [media.id] }),
  })
  expect(readZip(Buffer.from(await archive.arrayBuffer())).map(({ name }) => name)).toEqual([
    'report.paper',
    'manifest.json',
  ])
})

test('the errors carry what was wrong, and viewer.limits tells it before', async () => {
  const { userErrors } = await site.gateway.upload({ bytes: gif, fileName: 'a.png' })
  expect(userErrors).toEqual([
    {
      __typename: 'UnsupportedTypeError',
      code: 'UNSUPPORTED_TYPE',
      message: 'The file is image/gif, which is not taken here.',
      field: ['input', 'file'],
    },
  ])
  const large = await site.gateway.upload({ bytes: png, fileName: 'a.png' })
  expect(large.userErrors[0]).toMatchObject({ __typename: 'FileTooLargeError', limit: LIMIT })
  const { viewer } = await site.gateway.query(`{ viewer { limits { maxFileSize maxFiles
    gif: ofType(mimeType: "image/GIF") { accepted maxFileSize kind }
    pdf: ofType(mimeType: "application/pdf") { accepted maxFileSize kind } } } }`)
  expect(viewer.limits).toEqual({
    maxFileSize: 10 * 2 ** 30,
    maxFiles: 20,
    gif: { accepted: false, maxFileSize: LIMIT, kind: 'IMAGE' },
    pdf: { accepted: true, maxFileSize: 10 * 2 ** 30, kind: 'FILE' },
  })
})

describe('a rule that names a door', () => {
  /** What each of them does not take. */
  const NOT_TAKEN = {
    upload: 'animated.gif',
    ticket: 'photo.png',
    // Large enough to be refused while it is copied, where a store joins no parts by itself.
    tus: 'photo-orientation-6.jpg',
    import: 'audio.mp3',
  } as const
  /** By hand: where the bytes come by, whatever they are for. */
  const doorOf = ({ uses, name }: Door): keyof typeof NOT_TAKEN => {
    if (uses.includes('Mutation.createUpload')) return 'ticket'
    if (uses.includes('Mutation.importMedia')) return 'import'
    return name.startsWith('tus') ? 'tus' : 'upload'
  }

  test('speaks of the bytes that come by it, and of no others', async () => {
    const rules = Object.entries(NOT_TAKEN).map(
      ([door, file]) => `door:${door}+type:${fixture(file).mimeType}=refuse`,
    )
    const ruled = await startSite({ TYPE_RULES: rules.join(' ') })
    try {
      const seen = new Set<string>()
      for (const door of DOORS) {
        for (const [name, file] of Object.entries(NOT_TAKEN)) {
          const came = await door.send(ruled, { bytes: fixture(file).bytes(), fileName: file })
          const isRefused = came.refusal?.code === 'UNSUPPORTED_TYPE'
          expect([door.name, file, isRefused]).toEqual([door.name, file, name === doorOf(door)])
          if (isRefused) seen.add(name)
        }
      }
      expect([...seen].sort()).toEqual(Object.keys(NOT_TAKEN).sort())
      await ruled.gateway.app.foundation.database.query('DELETE FROM tus_upload')
      await ruled.gateway.app.foundation.database.query(
        `UPDATE blob SET lease_until = now() - interval '1 day' WHERE state <> 'live'`,
      )
      await ruled.gateway.app.reaper.run()
    } finally {
      await ruled.close()
    }
  })
})
