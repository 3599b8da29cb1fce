import type { TestApp } from './app.ts'
import type { GraphQLClient } from './gql.ts'

/** An hour in milliseconds. */
export const HOUR = 3_600_000

/** The rules of the tests of expiry, each for a way to end and what it is of. */
export const RULES = [
  'tag:keep=never',
  'tag:bound=P10D,binding',
  'tag:soon=PT1H',
  'door:tus=PT48H,after:upload,purge',
  'kind:DOCUMENT+tag:again=PT48H,after:upload',
  'kind:IMAGE+tag:again=PT24H,after:upload,purge',
  'kind:IMAGE+tag:picture=P10D,purge',
  'source:recording=P30D',
].join(' ')

/** Until when a media is kept, and why, as a selection. */
export const RETENTION = 'retention { endsAt reason rule end held }'
const UPDATE = `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) {
  media { id expiresAt revision ${RETENTION} } userErrors { code field message } } }`

/** A clock that goes so many milliseconds wrong: nothing about expiry may depend on it. */
export const wrongBy = (ms: number) => ({ now: () => new Date(Date.now() + ms) })

/** Brings media to a gateway, which may be started later, and says and asks until when they are kept. */
export function retentionTools(gatewayOf: () => TestApp) {
  const sql = <Row>(text: string, values: unknown[] = []) =>
    gatewayOf().app.foundation.database.query<Row>(text, values)
  return {
    sql,
    /** Milliseconds from now, as the database has it. */
    async databaseTime(ms: number): Promise<string> {
      const [row] = await sql<{ now: Date }>(`SELECT clock_timestamp() AS now`)
      return new Date((row?.now.getTime() ?? 0) + ms).toISOString()
    },
    /** The id of a media that is brought with this input. */
    newMedia: async (input: object = {}, client: GraphQLClient = gatewayOf()): Promise<string> =>
      (await client.upload({ bytes: Buffer.from('content'), fileName: 'a.txt' }, { ...input })).media.id,
    /** The answer to a change of these fields, or the error of one that is refused as a whole. */
    async update(id: string, fields: object, client: GraphQLClient = gatewayOf()) {
      const { data, errors } = await client.send(UPDATE, { input: { id, ...fields } })
      return errors ? { error: errors[0]?.extensions } : data.updateMedia
    },
    /** Until when a media is kept, and the times from which that is counted. */
    retentionOf: async (id: string) =>
      (
        await gatewayOf().query(
          `{ media(id: "${id}") { expiresAt createdAt contentUpdatedAt ${RETENTION} } }`,
        )
      ).media,
    /** Runs a job now. */
    run: (job: string) =>
      gatewayOf()
        .app.jobs.find(({ name }) => name === job)
        ?.run({}, {} as never),
    /** The id of a new legal hold of the media. */
    hold: async (mediaId: string): Promise<string> =>
      (
        await gatewayOf().query(
          `mutation { applyLegalHold(input: { mediaId: "${mediaId}", reason: "r" }) { legalHold { id } } }`,
        )
      ).applyLegalHold.legalHold.id,
    /** A client with a key of its own, of these scopes, and what it sends. */
    async clientWith(
      scopes: string[],
      more: object = {},
    ): Promise<GraphQLClient & { url: string; authorization: string }> {
      const { key, secret } = await gatewayOf().app.keys.create({
        accountId: 'acme',
        scopes,
        ...more,
      } as never)
      const authorization = `Bearer mgw_${key.id}_${secret}`
      return { ...gatewayOf().as(authorization), url: gatewayOf().url, authorization }
    },
  }
}
