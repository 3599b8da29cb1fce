import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startApp, type TestApp } from './support/app.ts'
import { type Origin, startOrigin } from './support/origin.ts'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

let gateway: TestApp
let origin: Origin
beforeAll(async () => {
  origin = await startOrigin()
  origin.answer((_request, response) => void response.end('the one content'))
  gateway = await startApp({ IMPORT_FROM_URL: '127.0.0.1' })
})
afterAll(async () => {
  await gateway.close()
  origin.close()
})

/** A worker beside the gateway, which kills itself at a point of the write protocol; gives the signal that ended it. */
async function killedWorker(point: string): Promise<string | null> {
  const { dataDir, environment } = gateway
  const worker = spawn(process.execPath, [MAIN, 'worker'], {
    env: {
      PATH: process.env.PATH,
      ...environment,
      DATA_DIR: join(dataDir, 'worker'),
      FAULT: `${point}:kill`,
    },
    stdio: 'ignore',
  })
  const [, signal] = await once(worker, 'exit')
  return signal
}

test.each(['U1.afterCommit', 'U2.bytes', 'U3.done', 'U4.beforeCommit', 'U4.afterCommit'])(
  'a worker that is killed at %s leaves an import that the next one ends, with one content',
  async point => {
    const { importMedia } = await gateway.query(
      `mutation($url: String!) { importMedia(input: { url: $url }) { media { id } } }`,
      { url: `${origin.url}/file.txt` },
    )
    const { id } = importMedia.media
    expect(await killedWorker(point)).toBe('SIGKILL')
    const job = gateway.app.jobs.find(({ name }) => name === 'media.import')
    await job?.run({ mediaId: id }, {
      job: { attempts: 2 },
      abortSignal: new AbortController().signal,
    } as never)
    const { media } = await gateway.query(`query($id: ID!) { media(id: $id) { status size } }`, { id })
    expect(media).toEqual({ status: 'COMPLETED', size: 15 })
    const { database } = gateway.app.foundation
    expect(
      await database.query(
        `SELECT 1 FROM media_version v JOIN blob b ON b.id = v.blob_id WHERE media_id = $1`,
        [id],
      ),
    ).toHaveLength(1)
    expect(await database.query(`SELECT 1 FROM outbox WHERE media_id = $1`, [id])).toHaveLength(2)
  },
  60_000,
)
