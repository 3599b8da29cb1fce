import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { vonageDocument } from '../../src/entrances/facades/vonage/openapi.ts'
import { GONE, openSite, type Site } from '../acceptance/vonage/site.ts'
import { countOf } from '../support/counts.ts'
import { naughtyStrings } from '../support/fixtures.ts'

let site: Site
let id: string
beforeAll(async () => {
  site = await openSite()
  id = await site.upload()
}, 60_000)
afterAll(() => site.close())

describe('strings that break programs', () => {
  const step = countOf({ daily: 8, thorough: 1 })
  const naughty = naughtyStrings.filter((_, n) => n % step === 0)
  const all = [...naughty, '\0', '%00', '\ud800', '%', '_', '[]', '{"$gt":""}', '..%2f..%2f', "'; --"]

  /** No 5xx, and JSON in each refusal. */
  const told = async (answer: Response) => {
    if (answer.status >= 500) throw new Error(`${answer.status} ${answer.url} ${await answer.text()}`)
    if (answer.status >= 400) expect((await answer.json()).type).toBe('about:blank')
    else await answer.arrayBuffer()
  }

  test('are no failure in any parameter of a query', async () => {
    const names = ['order', 'page_index', 'page_size', 'start_time', 'end_time', 'public', 'other']
    for (const [n, value] of all.entries()) {
      const name = names[n % names.length] ?? ''
      await told(await site.ask(`GET /v3/media?${new URLSearchParams({ [name]: value })}`))
    }
  })

  test('are no failure as ids, and find nothing', async () => {
    for (const [n, value] of all.entries()) {
      const path = `/v3/media/${encodeURIComponent(value.toWellFormed())}`
      const line = [`GET ${path}/info`, `GET ${path}`, `DELETE ${path}`, `PUT ${path}`][n % 4] ?? ''
      const answer = await site.ask(line)
      expect([value, answer.status]).toEqual([value, 404])
      await answer.arrayBuffer()
    }
  })

  test('come back as they were said, or are refused', async () => {
    const texts = ['title', 'description', 'metadata_primary', 'metadata_secondary']
    for (const [n, value] of all.entries()) {
      const name = texts[n % texts.length] ?? ''
      const status = await site.change(id, { [name]: value })
      const isText = !value.includes('\0') && value.isWellFormed()
      expect([value, status]).toEqual([value, isText ? 204 : 400])
      if (isText) expect((await site.info(id))[name]).toBe(value)
    }
  }, 60_000)

  test('are no failure as numbers, flags and types of an update, nor in an upload', async () => {
    for (const value of all) {
      const body = new URLSearchParams({ max_downloads_allowed: value, public: value, mime_type: value })
      await told(await site.ask(`POST /v3/media/${id}/info`, { body }))
    }
    for (const value of all.filter((_, n) => n % 10 === 0)) {
      const body = new FormData()
      body.append('info', value)
      body.append('filedata', new Blob(['x'], { type: value }), value)
      body.append('filename', value)
      await told(await site.ask('POST /v3/media', { body }))
    }
  }, 60_000)
})

test.each([
  ['no form at all', 'text/plain', 'x'],
  ['a form without boundary', 'multipart/form-data', 'x'],
  [
    'a form that breaks off',
    'multipart/form-data; boundary=b',
    '--b\r\ncontent-disposition: form-data; name="fi',
  ],
  ['JSON that is none', 'application/json', '{'],
  ['a list in JSON', 'application/json', '[]'],
  [
    'prototypes',
    'application/json',
    '{"__proto__":{"public":true},"constructor":{"prototype":1},"title":{}}',
  ],
])('%s is the client’s fault in an update', async (_, type, body) => {
  const answer = await site.ask(`PUT /v3/media/${id}`, { headers: { 'content-type': type }, body })
  expect([400, 415]).toContain(answer.status)
  expect((await answer.json()).code).toMatch(/^(BAD_REQUEST|UNSUPPORTED_MEDIA_TYPE)$/)
})

test('answers are as its description says', async () => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'vonage', components: vonageDocument.components })
  const errorsOf = (schema: string, value: unknown) => {
    const validate = ajv.getSchema(`vonage#/components/schemas/${schema}`)
    validate?.(value)
    return validate ? validate.errors : 'no such schema'
  }
  expect(errorsOf('Media', await site.info(id))).toBeNull()
  expect(errorsOf('Page', await site.json('GET /v3/media?page_size=1'))).toBeNull()
  expect(errorsOf('Page', await site.json('GET /v3/media?page_index=5'))).toBeNull()
  expect(errorsOf('Problem', await site.json(`GET /v3/media/${GONE}/info`, {}, 404))).toBeNull()
  expect(errorsOf('Media', { ...(await site.info(id)), more: 1 })).not.toBeNull()
})
