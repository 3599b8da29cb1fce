import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { ADMIN, type TestApp } from '../support/app.ts'
import { statementsOf } from '../support/statements.ts'
import { askForTicket, ticketFor } from '../support/tickets.ts'
import { DOORS } from './doors.ts'
import { PRESIGNED_DOORS } from './presigned-doors.ts'
import { type OpenSite, startSite } from './start-site.ts'
import { TUS } from './tus-client.ts'
import { exchange } from './wire.ts'

const LIMIT = 100_000
const TOO_MUCH = LIMIT + 1

let gateway: TestApp
let site: OpenSite
beforeAll(async () => {
  site = await startSite({ MAX_UPLOAD_BYTES: String(LIMIT) })
  gateway = site.gateway
})
afterAll(() => site.close())

const BYTES = { 'content-type': 'application/offset+octet-stream' }

/** Sends a head that announces a body, and nothing of the body; gives the status and code of the answer. */
async function announce(method: string, url: string, headers: Record<string, string>): Promise<string> {
  const asked = request(url, { method, headers: { 'content-length': '0', ...headers }, agent: false })
  asked.on('error', () => undefined)
  asked.flushHeaders()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const [first] = (await once(response, 'data')) as [Buffer]
  asked.destroy()
  return `${response.statusCode} ${JSON.parse(first.toString()).error.code}`
}

const length = { 'content-length': String(TOO_MUCH) }
const uploadLength = { 'upload-length': String(TOO_MUCH) }
const authorization = { authorization: ADMIN }
const ticketOf = async (input: Record<string, unknown>) =>
  `payload ${(await askForTicket(gateway, { size: TOO_MUCH, ...input })).userErrors[0]?.code}`

async function begun(url: string, headers: Record<string, string>): Promise<string> {
  const reply = await exchange({ method: 'POST', url, headers: { ...TUS, ...headers } })
  return reply?.headers.location ?? ''
}

/** How each door is told a size before the bytes; by hand, in the words in which it refuses one. */
const ANNOUNCED: Readonly<Record<string, readonly [told: string, ask: () => Promise<string>]>> = {
  'createUpload, PUT with Content-Length': [
    '413 FILE_TOO_LARGE',
    async () => announce('PUT', (await ticketFor(gateway)).putUrl, length),
  ],
  'createUpload, tus': [
    '413 FILE_TOO_LARGE',
    async () => announce('POST', (await ticketFor(gateway)).putUrl, { ...TUS, ...uploadLength }),
  ],
  'createUpload, tus in parts': [
    '413 FILE_TOO_LARGE',
    async () =>
      announce('POST', (await ticketFor(gateway)).putUrl, {
        ...TUS,
        ...uploadLength,
        'upload-concat': 'partial',
      }),
  ],
  'tus, one PATCH': [
    '413 FILE_TOO_LARGE',
    () => announce('POST', `${gateway.url}/uploads`, { ...authorization, ...TUS, ...uploadLength }),
  ],
  'tus, creation': [
    '413 FILE_TOO_LARGE',
    () =>
      announce('POST', `${gateway.url}/uploads`, {
        ...authorization,
        ...TUS,
        ...uploadLength,
        ...length,
        ...BYTES,
      }),
  ],
  'tus, deferred length': [
    '413 FILE_TOO_LARGE',
    async () => {
      const url = await begun(`${gateway.url}/uploads`, { ...authorization, 'upload-defer-length': '1' })
      return announce('PATCH', url, {
        ...authorization,
        ...TUS,
        ...BYTES,
        ...uploadLength,
        ...length,
        'upload-offset': '0',
      })
    },
  ],
  'createUpload, PUT in chunks': ['payload FILE_TOO_LARGE', () => ticketOf({})],
  ...Object.fromEntries(
    PRESIGNED_DOORS.filter(door => DOORS.includes(door)).map(({ name }) => [
      name,
      ['payload FILE_TOO_LARGE', () => ticketOf({ presigned: true })],
    ]),
  ),
  importMedia: [
    'import FILE_TOO_LARGE',
    async () => {
      const door = DOORS.find(({ name }) => name === 'importMedia')
      // Its server sends half of it, and no more before it is let go: only what it announces can be refused.
      const never = new Promise<void>(() => undefined)
      const came = await door?.send(site, { bytes: Buffer.alloc(TOO_MUCH), halfway: () => never })
      return `${came?.refusal?.protocol} ${came?.refusal?.code}`
    },
  ],
}

/** What has no place for a size ahead of the bytes, or has that of the same request as another door. */
const NOT_ANNOUNCED = [
  ...['uploadMedia', 'an item of uploadMediaBatch', 'replaceMediaContent by file'],
  ...['createUpload, tus in disguise', 'tus, parts', 'tus, POST in disguise'],
  ...['createUpload, PUT, replaceMediaContent', 'createUpload of a replacement, tus, completeUpload'],
]

test.each(Object.entries(ANNOUNCED))(
  'a size beyond the limit is refused before a byte of the file at: %s',
  async (name, [told, ask]) => {
    const statements = await statementsOf(gateway.app.foundation.database, async () => {
      expect(await ask()).toBe(told)
    })
    const reserved = statements.filter(statement => /INSERT INTO blob/.test(statement))
    // An upload whose length is deferred has been begun by then.
    expect(reserved.length).toBe(name === 'tus, deferred length' ? 1 : 0)
  },
)

test('every door is told a size, or is known not to be', () => {
  const known = [...Object.keys(ANNOUNCED), ...NOT_ANNOUNCED]
  expect(DOORS.map(({ name }) => name).sort()).toEqual(known.sort())
})
