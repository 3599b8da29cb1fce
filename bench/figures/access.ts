import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { Bench, Row } from '../figure.ts'
import { AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { read } from '../http-client.ts'
import { cpuSeconds, TURNS } from '../proc.ts'
import { pinClient, unpinClient } from '../server-process.ts'
import { type Spread, spreadOf } from '../spread.ts'

const REQUESTS = 2_000
const SAMPLES = 200
const CONNECTIONS = 8
const NEVER = '01234567-89ab-7def-8123-456789abcdef'

/** What it costs to know who asks, and whether time tells what exists. */
export async function access(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const application = await register(gateway, publicKey.export({ type: 'spki', format: 'pem' }).toString())
  const foreign = await foreignMedia(gateway)
  pinClient()
  try {
    const askers = {
      nobody: () => undefined,
      key: () => AUTHORIZATION,
      // A token of its own for each request, so that none is remembered.
      rs256: () => `Bearer ${token(application, privateKey)}`,
    }
    const costs = { nobody: [] as number[], key: [] as number[], rs256: [] as number[] }
    for (let round = 0; round <= bench.rounds; round++) {
      const spent = { nobody: 0, key: 0, rs256: 0 }
      for (let turn = 0; turn < TURNS; turn++) {
        for (const name of Object.keys(askers) as (keyof typeof askers)[]) {
          spent[name] += await cpuOf(gateway, Array.from({ length: REQUESTS / TURNS }, askers[name]))
        }
      }
      // The first round warms up.
      if (round > 0)
        for (const name of Object.keys(askers) as (keyof typeof askers)[])
          costs[name].push((spent[name] * 1e6) / REQUESTS)
      bench.progress(
        `round ${round} of ${bench.rounds}: ${Object.entries(costs)
          .map(([name, all]) => `${name} ${all.at(-1)?.toFixed(0) ?? '-'} µs`)
          .join(', ')}`,
      )
    }
    const beyond = (values: readonly number[]): Spread =>
      spreadOf(values.map((value, i) => value - (costs.nobody[i] ?? 0)))
    bench.progress('time of what is there and what never was')
    return [
      {
        figure: 'who asks, by an API key: CPU a request',
        unit: 'µs',
        ours: beyond(costs.key),
        isDifference: true,
        atMost: 100,
        note: 'against the same request by nobody',
      },
      {
        figure: 'who asks, by an RS256 token never seen: CPU a request',
        unit: 'µs',
        ours: beyond(costs.rs256),
        isDifference: true,
        atMost: 300,
        note: 'against the same request by nobody',
      },
      await oracle(
        bench,
        'content',
        id => ({ url: `${gateway.server.origin}/media/${id}/content` }),
        foreign,
      ),
      await oracle(bench, 'GraphQL', id => graphql(gateway, `{ media(id: "${id}") { id } }`), foreign),
    ]
  } finally {
    unpinClient()
  }
}

/** The same refusal for each Authorization header, by a closed loop on some connections; the CPU seconds of all. */
async function cpuOf({ server }: Gateway, headers: readonly (string | undefined)[]): Promise<number> {
  const left = [...headers]
  const connection = async () => {
    while (left.length > 0) {
      const authorization = left.pop()
      await fetch(`${server.origin}/media/${NEVER}/content`, {
        headers: authorization ? { authorization } : {},
      }).then(answer => answer.text())
    }
  }
  const before = await cpuSeconds(server.pid)
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  return (await cpuSeconds(server.pid)) - before
}

interface Asked {
  readonly url: string
  readonly init?: RequestInit
}

/** How far apart the medians of another account's media and of one that never was are, in milliseconds. */
async function oracle(
  { rounds }: Bench,
  door: string,
  ask: (id: string) => Asked,
  foreign: string,
): Promise<Row> {
  const differences: number[] = []
  for (let round = 0; round < rounds; round++) {
    const times: Record<string, number[]> = { [foreign]: [], [NEVER]: [] }
    for (let i = 0; i < SAMPLES; i++) {
      for (const id of [foreign, NEVER]) {
        const { url, init } = ask(id)
        const began = performance.now()
        await fetch(url, { ...init, headers: { authorization: AUTHORIZATION, ...init?.headers } }).then(
          answer => answer.text(),
        )
        times[id]?.push(performance.now() - began)
      }
    }
    differences.push(Math.abs(spreadOf(times[foreign] ?? []).median - spreadOf(times[NEVER] ?? []).median))
  }
  return {
    figure: `${door}: another account's media against none, medians apart`,
    unit: 'ms',
    ours: spreadOf(differences),
    atMost: 2,
  }
}

function graphql({ server }: Gateway, query: string): Asked {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  }
  return { url: `${server.origin}/graphql`, init }
}

async function register({ server }: Gateway, publicKey: string): Promise<string> {
  const query =
    'mutation R($publicKey: String!) { createApplication(input: { publicKey: $publicKey }) { application { id } } }'
  const answer = await read({
    url: `${server.origin}/graphql`,
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ query, variables: { publicKey } })),
  })
  return JSON.parse(answer.toString()).data.createApplication.application.id
}

async function foreignMedia({ query }: Gateway): Promise<string> {
  await query(`INSERT INTO account (id, name) VALUES ('foreign', 'foreign')`)
  const [media] = await query<{ id: string }>(
    `INSERT INTO media (id, hash, account_id, original_file_name, kind, mime_type, status, store_id)
     VALUES (gen_random_uuid(), gen_random_uuid(), 'foreign', 'x', 'FILE', 'text/plain', 'PENDING', 'default') RETURNING id`,
  )
  return media?.id ?? ''
}

function token(applicationId: string, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const claims = { application_id: applicationId, iat: now, exp: now + 900, jti: randomUUID() }
  const input = `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}
