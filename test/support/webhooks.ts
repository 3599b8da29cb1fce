import { randomUUID } from 'node:crypto'
import { ADMIN, type TestApp } from './app.ts'
import type { Received, Receiver } from './receiver.ts'

/** A delivery, as far as tests look at it. */
export interface Delivery {
  id: string
  eventId: string
  type: string
  mediaId: string | null
  state: string
  attemptCount: number
  attempts: { status: number | null; error: string | null; milliseconds: number }[]
  nextAttemptAt: string | null
  settledAt: string | null
}

/** What tests ask of a webhook. */
export const FIELDS = `id url description eventTypes filter payloadVersion createdBy disabledAt disabledReason failingSince oldSecretUntil missedEventsAt`
/** What tests ask of a delivery. */
export const DELIVERY = `id webhookId eventId type mediaId state attemptCount attempts { at status error milliseconds } nextAttemptAt settledAt`
const ERRORS = 'userErrors { __typename code message field }'
/** What does not come within so long does not come. */
const PATIENCE_MS = 40_000

/** Likes what a receiver was sent at the path. */
export const at = (path: string) => (one: Received) => one.path === path
/** Whether there are deliveries, and none of them waits. */
export const settled = (deliveries: Delivery[]) =>
  deliveries.length > 0 && deliveries.every(({ state }) => state !== 'WAITING')

/** Makes webhooks of a gateway and looks after their deliveries; it and the receiver may be started later. */
export function webhookTools(gatewayOf: () => TestApp, receiverOf: () => Receiver) {
  let paths = 0
  /** What the mutation gives, with its `userErrors`. */
  const mutate = async (name: string, input: object, selection: string, as = ADMIN) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const data = await gatewayOf()
      .as(as)
      .query(`mutation($input: ${type}!) { ${name}(input: $input) { ${selection} ${ERRORS} } }`, { input })
    return data[name]
  }
  return {
    mutate,
    /** Asks the database of the gateway. */
    sql: <Row = never>(text: string, values: unknown[] = []) =>
      gatewayOf().app.foundation.database.query<Row>(text, values),
    /** A webhook with a path of its own at the receiver. */
    async newWebhook(input: object = {}): Promise<{ id: string; secret: string; path: string }> {
      const path = `/hook-${paths++}`
      const url = receiverOf().url + path
      const made = await mutate('createWebhook', { url, ...input }, `webhook { id } secret`)
      expect(made.userErrors).toEqual([])
      return { id: made.webhook.id, secret: made.secret, path }
    },
    /** The id of a new media. */
    upload: async (input: object = {}) =>
      (await gatewayOf().upload({ bytes: Buffer.from(randomUUID()), fileName: 'a.txt' }, input as never))
        .media.id,
    /** The deliveries of a webhook, once all of them are as the test wants them; nothing else tells of what is noted behind an answer. */
    async deliveriesWhen(id: string, likes: (deliveries: Delivery[]) => boolean): Promise<Delivery[]> {
      for (const until = performance.now() + PATIENCE_MS; ; ) {
        const { node } = await gatewayOf().query(
          `query($id: ID!) { node(id: $id) { ... on Webhook { ${FIELDS} deliveries(first: 100) { nodes { ${DELIVERY} } } } } }`,
          { id },
        )
        if (likes(node.deliveries.nodes)) return node.deliveries.nodes
        if (performance.now() > until) throw new Error(JSON.stringify(node.deliveries.nodes))
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
  }
}
