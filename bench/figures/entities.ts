import type { Bench, Row } from '../figure.ts'
import { ACCOUNT, AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { type Call, read, runLoad } from '../http-client.ts'
import { microsecondsPerRequest, type Side } from '../proc.ts'
import { FIELDS, seedLibrary } from '../seeded-library.ts'
import { pinClient, unpinClient } from '../server-process.ts'
import { interleaved } from '../spread.ts'

const MEDIA = 10_000
const REFERENCES = 100
const REQUESTS = 1_500
const CONNECTIONS = 8

const PAGE = `query Page { mediaItems(first: 20) {
  edges { cursor node { ${FIELDS} } } pageInfo { hasNextPage endCursor } } }`
const ENTITIES = `query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Media { ${FIELDS} } } }`

/** What a router asks for 100 references at once, against what a client asks for a page of 20. */
export async function entities(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  await seedLibrary(gateway, MEDIA, bench.progress)
  const page = callOf(gateway, { query: PAGE })
  const references = callOf(gateway, {
    query: ENTITIES,
    variables: { representations: await someMedia(gateway) },
  })
  await mustBeAllThere(references)

  pinClient()
  try {
    const side = async (call: Call): Promise<Side> => {
      const expected = await read(call)
      const load = (requests: number) => runLoad({ call, requests, connections: CONNECTIONS, expected })
      return { pid: gateway.server.pid, load }
    }
    const sides = [await side(references), await side(page)] as const
    bench.progress('warming up')
    await microsecondsPerRequest(sides, REQUESTS)
    const measured = await interleaved(bench.rounds, async round => {
      const pair = await microsecondsPerRequest(sides, REQUESTS)
      bench.progress(`round ${round}: ${pair.ours.toFixed(0)} µs, a page ${pair.baseline.toFixed(0)} µs`)
      return pair
    })
    const figure = `_entities of ${REFERENCES} references, against the page above: CPU a request`
    return [{ figure, unit: 'µs', ...measured, atMost: 3 }]
  } finally {
    unpinClient()
  }
}

const callOf = ({ server }: Gateway, body: object): Call => ({
  url: `${server.origin}/graphql`,
  method: 'POST',
  headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
})

/** References to media from all over the library, in no order. */
async function someMedia({ query }: Gateway): Promise<{ __typename: string; id: string }[]> {
  const rows = await query<{ id: string }>(
    'SELECT id FROM media WHERE account_id = $1 ORDER BY md5(id::text) LIMIT $2',
    [ACCOUNT, REFERENCES],
  )
  return rows.map(({ id }) => ({ __typename: 'Media', id }))
}

async function mustBeAllThere(call: Call): Promise<void> {
  const { data } = JSON.parse((await read(call)).toString()) as { data: { _entities: unknown[] } }
  if (data._entities.length !== REFERENCES || data._entities.includes(null))
    throw new Error('a reference was not resolved')
}
