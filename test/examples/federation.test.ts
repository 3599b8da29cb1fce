import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { composeServices as composeByReference } from '@apollo/composition'
import { composeSchemaContract, composeServices } from '@theguild/federation-composition'
import { parse, print } from 'graphql'
import { articlesSchema, startArticles } from '../../examples/federation/articles.ts'
import { startRouter } from '../../examples/federation/router.ts'
import { printSubgraphSchema } from '../../src/entrances/graphql/schema.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { type GraphQLClient, graphqlClient } from '../support/gql.ts'
import { seedMedia } from '../support/seed.ts'
import { statementsOf } from '../support/statements.ts'

describe('composition', () => {
  const media = () => ({ name: 'media', url: 'http://media/graphql', typeDefs: parse(printSubgraphSchema()) })
  const articles = async () => ({
    name: 'articles',
    url: 'http://articles/graphql',
    typeDefs: await articlesSchema(),
  })

  test('of the gateway alone and with another subgraph has no errors', async () => {
    for (const members of [[media()], [media(), await articles()]])
      expect(composeServices(members).errors).toBeUndefined()
  })

  // Only the reference implementation gives hints.
  test('has no hints either', async () => {
    for (const members of [[media()], [media(), await articles()]]) {
      const { errors, hints } = composeByReference(members)
      expect([errors, hints?.map(hint => hint.toString())]).toEqual([undefined, []])
    }
  })

  test('can leave out of a public graph what is tagged', async () => {
    const members = [media(), await articles()]
    const whole = composeServices(members).publicSdl
    const exclude = new Set(['admin', 'multipart', 'relay'])
    const contract = composeSchemaContract(members, { include: new Set(), exclude }, true)
    expect(contract.errors).toBeUndefined()
    for (const field of ['createApiKey(', 'uploadMedia(', 'nodes(', 'applications(']) {
      expect(whole).toContain(field)
      expect(contract.publicSdl).not.toContain(field)
    }
    expect(contract.publicSdl).toContain('mediaItems(')
  })

  // What the README proposes to other teams.
  test.each([
    ['refers to media', 'type Media @key(fields: "id", resolvable: false) { id: ID! }'],
    ['adds fields to media', 'type Media @key(fields: "id") { id: ID! usedIn: [ID!]! }'],
    [
      'knows more of users',
      'type User @key(fields: "id") { id: ID! name: String! @shareable email: String }',
    ],
    [
      'takes over the names of users',
      'type User @key(fields: "id") { id: ID! name: String! @override(from: "media") }',
    ],
    [
      'pages alike',
      'type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }',
    ],
  ])('with a subgraph that %s has no errors', (_what, type) => {
    const link =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override", "@shareable"])'
    const name = /type (\w+)/.exec(type)?.[1]
    const other = { name: 'other', typeDefs: parse(`${link} ${type} type Query { other: ${name} }`) }
    expect(composeServices([media(), other]).errors?.map(({ message }) => message)).toBeUndefined()
    expect(composeByReference([media(), other]).errors?.map(({ message }) => message)).toBeUndefined()
  })

  test('notices a subgraph that does not fit', async () => {
    const { typeDefs, ...rest } = await articles()
    const unfit = parse(print(typeDefs).replace('name: String! @shareable', 'name: String!'))
    const { errors } = composeServices([media(), { ...rest, typeDefs: unfit }])
    expect(errors?.map(({ message }) => message)).toEqual([expect.stringContaining('User.name')])
  })
})

describe('a graph of two subgraphs behind a router', () => {
  const IMAGES = 60
  let gateway: TestApp
  let graph: GraphQLClient
  let asForeign: GraphQLClient
  let ids: string[]
  let cover: string
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    gateway = await startApp()
    closing.push(() => gateway.close())
    ids = await seedMedia(gateway.app.foundation.database, { count: IMAGES })
    const key = { accountId: 'acme', scopes: ['media:read', 'media:create'] }
    const { key: issued, secret } = await gateway.app.keys.create({
      ...key,
      owner: { id: 'anna', name: 'Anna Weber' },
    })
    const anna = gateway.as(`Bearer mgw_${issued.id}_${secret}`)
    cover = (await anna.upload({ bytes: Buffer.from('cover'), fileName: 'cover.txt' })).media.id
    const articles = await startArticles([
      { id: '1', title: 'First', authorId: 'anna', coverMediaId: cover, imageIds: [...ids, 'gone'] },
      { id: '2', title: 'Second', authorId: 'ben', coverMediaId: cover, imageIds: ids.slice(0, 2) },
    ])
    closing.push(() => articles.close())
    const router = await startRouter({
      members: [
        { name: 'media', url: `${gateway.url}/graphql` },
        { name: 'articles', url: articles.url },
      ],
      authorization: ADMIN,
      port: 0,
    })
    closing.push(() => router.close())
    graph = graphqlClient(router.url.replace('/graphql', ''), ADMIN)
    asForeign = graphqlClient(router.url.replace('/graphql', ''), FOREIGN)
  })
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  test('answers across both, there and back', async () => {
    expect(
      await graph.query(
        '{ articles { title author { name } coverMedia { originalFileName owner { name articles { title } } } } }',
      ),
    ).toEqual({
      articles: ['First', 'Second'].map(title => ({
        title,
        author: { name: title === 'First' ? 'Anna Weber' : 'Ben Okafor' },
        coverMedia: {
          originalFileName: 'cover.txt',
          owner: { name: 'Anna Weber', articles: [{ title: 'First' }] },
        },
      })),
    })
    expect(
      await graph.query('query ($id: ID!) { media(id: $id) { usedIn { title } } }', { id: ids[1] }),
    ).toEqual({ media: { usedIn: [{ title: 'First' }, { title: 'Second' }] } })
  })

  test('resolves a list of references by one statement, null where there is nothing', async () => {
    let answer: { articles: { images: ({ originalFileName: string } | null)[] }[] } | undefined
    // This router says beside a null that it is one.
    const statements = await statementsOf(gateway.app.foundation.database, async () => {
      answer = (await graph.send('{ articles { images { id originalFileName } } }')).data
    })
    expect(
      answer?.articles.map(({ images }) => images.map(image => image?.originalFileName ?? null)),
    ).toEqual([
      [...ids.map((_, i) => `file-${i + 1}.bin`), null],
      ['file-1.bin', 'file-2.bin'],
    ])
    expect(statements.filter(text => text.includes('media m'))).toHaveLength(1)
  })

  test('shows nobody what the media gateway does not show them', async () => {
    const { data, errors } = await asForeign.send('{ articles { title coverMedia { originalFileName } } }')
    expect(JSON.stringify([data, errors])).not.toContain('cover.txt')
    expect(data.articles).toHaveLength(2)
  })
})

test('the example starts by one command, answers what it proposes, and leaves nothing behind', async () => {
  const temp = await mkdtemp(join(tmpdir(), 'media-gateway-example-'))
  await chmod(temp, 0o755)
  const child = spawn(process.execPath, [script('examples/federation/start.ts')], {
    env: { PATH: process.env.PATH, TMPDIR: temp, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const said = await saidUntil(child, 'Ctrl-C')
  const url = /curl -s (\S+)/.exec(said)?.[1] ?? ''
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: /Authorization: ([^']+)/.exec(said)?.[1] ?? '',
    },
    body: /-d '(.*)'/.exec(said)?.[1],
  })
  expect(await answer.json()).toEqual({
    data: {
      articles: [
        expect.objectContaining({ title: 'Harbour at dawn' }),
        expect.objectContaining({
          title: 'How to read a map',
          author: { name: 'Ben Okafor' },
          coverMedia: {
            originalFileName: 'map.svg',
            url: expect.stringContaining('/content?'),
            owner: { name: 'Anna Weber', articles: [{ title: 'Harbour at dawn' }] },
          },
        }),
      ],
    },
  })
  // As Ctrl-C does in a terminal: to all processes of the group, and once more by npm.
  process.kill(-(child.pid as number), 'SIGINT')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect([code, await readdir(temp), await postgresIn(temp)]).toEqual([0, [], []])
  await rmdir(temp)
}, 120_000)

/** Command lines of the servers whose data lies there (proc_pid_cmdline(5)). */
async function postgresIn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter(line => line.includes(folder))
}

const script = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** What the process wrote until it wrote this; rejects when it ends before. */
function saidUntil(child: ChildProcess, mark: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (text: Buffer) => {
      said += text
      if (said.includes(mark)) resolve(said)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('close', code => reject(new Error(`ended with ${code}: ${said}`)))
  })
}
