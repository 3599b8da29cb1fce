import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { process } from '../support/processing.ts'
import { ApizeeClient, type ApizeeMedia } from './apizee-client.ts'

let gateway: TestApp
let client: ApizeeClient
beforeAll(async () => {
  gateway = await startApp()
  client = new ApizeeClient(gateway.url, ADMIN)
}, 60_000)
afterAll(() => gateway.close())

const photo = fixture('photo.png').bytes()

/** A media that is understood, as this API shows it. */
async function made(
  input: Record<string, unknown> = {},
  bytes: Buffer = photo,
  fileName = 'photo.png',
): Promise<ApizeeMedia & { readonly uuid: string }> {
  const { media, userErrors } = await gateway.upload({ bytes, fileName }, input, 'id')
  expect(userErrors).toEqual([])
  await process(gateway, media.id)
  const [row] = await gateway.app.foundation.database.query<{ number: number }>(
    'SELECT number FROM media WHERE id = $1',
    [media.id],
  )
  return { ...(await client.get(row?.number ?? 0)).body, uuid: media.id }
}

test('a list, an item, a download, an update and a deletion', async () => {
  const item = await made({ title: 'Snapshot' })
  console.log(item)
  expect((await client.list()).body).toEqual({
    total: 1,
    next_offset: null,
    data: [{ ...item, uuid: undefined }],
  })
  const bytes = await client.download(item.id)
  expect(Buffer.from(await bytes.arrayBuffer()).equals(photo)).toBe(true)
  const shown = await fetch(item.url)
  expect(Buffer.from(await shown.arrayBuffer()).equals(photo)).toBe(true)
  const small = await fetch(item.thumbnail_url ?? '')
  console.log(small.status, small.headers)
  const updated = await client.updateJson(item.id, {
    title: 'x',
    latitude: 1.5,
    longitude: 2,
    metadata: { a: 1 },
  })
  console.log(updated.body)
  const gone = await client.delete(item.id)
  expect([gone.status, gone.text]).toEqual([200, '[]'])
  expect((await client.get(item.id)).status).toBe(404)
})
