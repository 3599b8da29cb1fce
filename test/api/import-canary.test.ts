import { startApp, type TestApp } from '../support/app.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import { PRIVATE_SPELLINGS } from '../support/private-addresses.ts'

/** Listens on every address of this machine: a connection from anywhere is seen. */
let canary: Origin
/** The one place that may be fetched from, and leads on to what may not. */
let friend: Origin
let gateway: TestApp
let port: string
beforeAll(async () => {
  canary = await startOrigin('::')
  port = new URL(canary.url).port
  friend = await startOrigin('127.0.0.3')
  gateway = await startApp({
    IMPORT_FROM_URL: `public, localhost:${port}, *.localhost:${port}, 127.0.0.3/32`,
  })
})
afterAll(async () => {
  await gateway.close()
  canary.close()
  friend.close()
})

/** Asks for the URL and does the job, if there is one; gives what became of it. */
async function outcome(url: string): Promise<string> {
  const { importMedia } = await gateway.query(
    `mutation($url: String!) { importMedia(input: { url: $url }) { media { id } userErrors { code } } }`,
    { url },
  )
  if (!importMedia.media) return importMedia.userErrors[0].code
  const { id } = importMedia.media
  const job = gateway.app.jobs.find(({ name }) => name === 'media.import')
  await job?.run({ mediaId: id }, {
    job: { attempts: 8 },
    abortSignal: new AbortController().signal,
  } as never)
  const { media } = await gateway.query(`query($id: ID!) { media(id: $id) { status statusReason } }`, { id })
  return `${media.status}: ${media.statusReason}`
}

const NOT_ALLOWED = 'The URL leads to a place that this gateway does not fetch from.'
const NOT_REACHED = 'The server of the URL could not be reached, or did not answer.'

test.each(PRIVATE_SPELLINGS)(
  'http://%s is imported from neither as it stands nor behind a redirect',
  async host => {
    const url = `http://${host}:${port}/`
    expect(['URL_NOT_ALLOWED', `FAILED: ${NOT_ALLOWED}`, `FAILED: ${NOT_REACHED}`]).toContain(
      await outcome(url),
    )
    // A header is bytes; what is no ASCII in it stands in its encoded form.
    friend.answer((_, response) => void response.writeHead(302, { location: new URL(url).href }).end())
    const { requests } = friend.seen
    expect([`FAILED: ${NOT_ALLOWED}`, `FAILED: ${NOT_REACHED}`]).toContain(await outcome(friend.url))
    expect(friend.seen.requests).toBe(requests + 1)
    expect(canary.seen.connections).toBe(0)
  },
)

test('the canary would have been heard', async () => {
  await fetch(`http://127.0.0.1:${port}/`)
  expect(canary.seen.connections).toBe(1)
})
