import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startArticles } from './articles.ts'
import { startRouter } from './router.ts'

/**
 * A federated graph on one machine: the media gateway as it is shipped, a subgraph of articles, and a router in front of both.
 * Everything lies in a temporary folder that goes when it ends. PORT is the router's, 4100 without it.
 */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const SECRET = randomBytes(24).toString('hex')

await using opened = new AsyncDisposableStack()
// Heard to the end: npm hands on the Ctrl-C that the terminal has sent already.
const asked = new Promise<number>(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve(0))
})

const dataDir = await mkdtemp(join(tmpdir(), 'media-gateway-federation-'))
opened.defer(() => rm(dataDir, { recursive: true, force: true }))
// Started by root, PostgreSQL runs as a user of its own, who must pass through.
await chmod(dataDir, 0o755)
const env = {
  PATH: process.env.PATH,
  DATA_DIR: dataDir,
  PORT: '0',
  BOOTSTRAP_API_KEY: `demo:editor:${SECRET}`,
}

const gateway = spawn(process.execPath, [MAIN, 'serve'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
  // Out of reach of Ctrl-C: it is asked to end once, by us; a second signal would not let it stop its PostgreSQL.
  detached: true,
})
opened.defer(() => end(gateway))
const media = `${await originOf(gateway)}/graphql`
const authorization = `Bearer mgw_editor_${SECRET}`

// What Anna uploads is Anna's; the key for the whole account sees it, too.
const { token } = JSON.parse(
  (
    await promisify(execFile)(
      process.execPath,
      [
        MAIN,
        'key',
        'create',
        '--account=demo',
        '--scopes=*',
        '--owner=anna',
        '--owner-name=Anna Weber',
        '--json',
      ],
      { env },
    )
  ).stdout,
) as { token: string }
const [harbour = '', dawn = '', map = ''] = await Promise.all(['harbour', 'dawn', 'map'].map(upload))

const articles = await startArticles([
  { id: '1', title: 'Harbour at dawn', authorId: 'anna', coverMediaId: harbour, imageIds: [dawn, map] },
  { id: '2', title: 'How to read a map', authorId: 'ben', coverMediaId: map, imageIds: [] },
])
opened.defer(() => articles.close())
const router = await startRouter({
  members: [
    { name: 'media', url: media },
    { name: 'articles', url: articles.url },
  ],
  authorization,
  port: Number(process.env.PORT ?? 4100),
})
opened.defer(() => router.close())

const query =
  '{ articles { title author { name } coverMedia { originalFileName url owner { name articles { title } } } } }'
process.stdout.write(`The graph is at ${router.url}; open it in a browser, or:

curl -s ${router.url} -H 'Content-Type: application/json' \\
  -H 'Authorization: ${authorization}' \\
  -d '${JSON.stringify({ query })}'

Ctrl-C ends it.
`)
const gatewayFailed = once(gateway, 'close').then(() => 1)
process.exitCode = await Promise.race([asked, gatewayFailed])

async function upload(name: string): Promise<string> {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><title>${name}</title></svg>`
  const form = new FormData()
  const document = `mutation Upload($file: Upload!) {
    uploadMedia(input: { file: $file, title: "${name}" }) { media { id } userErrors { message } } }`
  form.set('operations', JSON.stringify({ query: document, variables: { file: null } }))
  form.set('map', '{"0":["variables.file"]}')
  form.set('0', new Blob([picture], { type: 'image/svg+xml' }), `${name}.svg`)
  const headers = { authorization: `Bearer ${token}`, 'apollo-require-preflight': 'true' }
  const answer = await fetch(media, { method: 'POST', headers, body: form })
  const text = await answer.text()
  const id = JSON.parse(text).data?.uploadMedia.media?.id
  if (!id) throw new Error(`${name} could not be uploaded: ${text}`)
  return id
}

/** Where the gateway listens; rejects with what it wrote when it ends before. */
function originOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const origin = /serves (http:\S+)\/graphql/.exec(said)?.[1]
      if (origin) resolve(origin)
    })
    child.once('close', code => reject(new Error(`the media gateway ended with ${code}:\n${said}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'close')
}
