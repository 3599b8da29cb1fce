import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { startArticles } from '../../examples/federation/articles.ts'
import { startRouter } from '../../examples/federation/router.ts'
import { breakableLine } from '../clients/breakable-line.ts'
import { ADMIN, startApp } from '../support/app.ts'
import { graphqlClient } from '../support/gql.ts'
import { complete, ticketFor } from '../support/tickets.ts'

const BYTES = 200_000_000
const CHUNK = Buffer.alloc(1_000_000, 'a picture of a harbour ')

/** The file in pieces, none of which is kept. */
function* file(): Generator<Uint8Array> {
  for (let sent = 0; sent < BYTES; sent += CHUNK.length) yield new Uint8Array(CHUNK)
}

test('a ticket goes through a router, and its 200 MB do not', async () => {
  await using closing = new AsyncDisposableStack()
  const gateway = await startApp()
  closing.defer(() => gateway.close())
  // All that the router and the gateway say to each other, and the client to the router, passes these two lines.
  const toGateway = closing.use(await breakableLine(gateway.url))
  const articles = await startArticles([])
  closing.defer(() => articles.close())
  const router = await startRouter({
    members: [
      { name: 'media', url: `${toGateway.url}/graphql` },
      { name: 'articles', url: articles.url },
    ],
    authorization: ADMIN,
    port: 0,
  })
  closing.defer(() => router.close())
  const toRouter = closing.use(await breakableLine(new URL(router.url).origin))
  const graph = graphqlClient(toRouter.url, ADMIN)

  const hash = createHash('sha256')
  for (const piece of file()) hash.update(piece)
  const sha256 = hash.digest('hex')
  const composed = toGateway.carried()
  const ticket = await ticketFor(graph, { fileName: 'harbour.bin', size: BYTES, sha256 })
  const sent = await fetch(ticket.putUrl, {
    method: 'PUT',
    body: Readable.toWeb(Readable.from(file())),
    duplex: 'half',
  } as unknown as RequestInit)
  expect([sent.status, await sent.json()]).toEqual([201, { id: ticket.id, size: BYTES, sha256 }])
  const { result } = await complete(graph, ticket.id, 'size sha256 originalFileName')
  expect(result).toEqual({ size: BYTES, sha256, originalFileName: 'harbour.bin' })
  expect(toRouter.carried()).toBeLessThan(10_000)
  expect(toGateway.carried() - composed).toBeLessThan(10_000)
}, 120_000)
