import { ADMIN, startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

test('a file comes, is listed, read and deleted', async () => {
  const form = new FormData()
  form.append('file', new Blob([Buffer.from('<html>')], { type: 'image/png' }), 'x.png')
  const headers = { authorization: ADMIN }
  const bad = await fetch(`${gateway.url}/api/media`, { method: 'POST', body: form, headers })
  expect([bad.status, await bad.json()]).toEqual([400, { error: 'Invalid file type' }])
  const none = await fetch(`${gateway.url}/api/media`, { method: 'POST', body: new FormData(), headers })
  expect([none.status, await none.json()]).toEqual([400, { error: 'No file uploaded' }])
  const good = new FormData()
  const bytes = Buffer.from('%PDF-1.4\n%%EOF\n')
  good.append('file', new Blob([bytes]), 'ä.pdf')
  const made = await fetch(`${gateway.url}/api/media`, { method: 'POST', body: good, headers })
  const item = await made.json()
  console.log(made.status, item)
  const content = await fetch(item.url)
  expect(Buffer.from(await content.arrayBuffer())).toEqual(bytes)
  const list = await fetch(`${gateway.url}/api/media?search=%C3%84`, { headers })
  console.log(await list.json(), list.headers)
  const gone = await fetch(`${gateway.url}/api/media/${item.id}`, { method: 'DELETE', headers })
  expect(gone.status).toBe(204)
  console.log(
    (await fetch(`${gateway.url}/openapi/cms.json`)).status,
    await (await fetch(`${gateway.url}/api/media`)).json(),
  )
})
