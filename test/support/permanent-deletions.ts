import type { TestApp } from './app.ts'
import type { GraphQLClient } from './gql.ts'

/** A deletion, into the trash or for good. */
export const DELETE = `mutation D($input: DeleteMediaInput!) { deleteMedia(input: $input) { deletedMediaId purgedAt userErrors { __typename code field } } }`

/** Matches a time as the API gives it. */
export const isTime = expect.stringMatching(/^20\d\d-/)

/** The answer to a permanent deletion that has taken the bytes, too. */
export const done = (id: string) => ({ deletedMediaId: id, purgedAt: isTime, userErrors: [] })

/** A media is gone with its bytes, and what it took of the quota: nobody finds or restores it. */
export async function isPurged(gateway: TestApp, id: string): Promise<void> {
  const [found] = await gateway.app.foundation.database.query(
    `SELECT (SELECT count(*)::int FROM media WHERE id = $1) AS media, (SELECT count(*)::int FROM blob WHERE of_media = $1) AS blobs,
       (SELECT purged_at IS NOT NULL FROM purge WHERE media_id = $1) AS purged`,
    [id],
  )
  expect(found).toEqual({ media: 0, blobs: 0, purged: true })
  const { restoreMedia } = await gateway.query(
    `mutation R($id: ID!) { restoreMedia(input: { id: $id }) { userErrors { code } } }`,
    { id },
  )
  expect(restoreMedia.userErrors).toEqual([{ code: 'NOT_FOUND' }])
}

/** Brings media to a gateway, which may be started later, deletes them for good, and looks for what is left. */
export function permanentDeletionTools(gatewayOf: () => TestApp) {
  let before = new Set<string>()
  const remove = async (id: string, input: object = {}, client: GraphQLClient = gatewayOf()) =>
    (await client.query(DELETE, { input: { id, ...input } })).deleteMedia
  return {
    /** Before a test: what lies in the store by now is none of its own. */
    async noteStored(): Promise<void> {
      before = new Set(await gatewayOf().storedNames())
    },
    /** What a test has left in the store by now. */
    stored: async () => (await gatewayOf().storedNames()).filter(name => !before.has(name)),
    /** The id of a media with this text. */
    upload: async (text: string, input: object = {}, client: GraphQLClient = gatewayOf()): Promise<string> =>
      (await client.upload({ bytes: Buffer.from(text) }, { ...input })).media.id,
    /** The answer to a deletion, into the trash unless the input says otherwise. */
    remove,
    /** The answer to a permanent deletion. */
    purge: (id: string, client?: GraphQLClient) => remove(id, { permanent: true }, client),
    /** What the gateway remembers of a media that was deleted for good. */
    purgeOf: async (id: string, client: GraphQLClient = gatewayOf()) =>
      (
        await client.query(
          `query($id: ID!) { mediaPurge(mediaId: $id) { id mediaId requestedBy requestedAt purgedAt } }`,
          { id },
        )
      ).mediaPurge,
  }
}
