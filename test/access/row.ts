import { graphqlClient, multipart } from '../support/gql.ts'
import { followByWebSocket } from '../support/subscribe.ts'
import { graphQLOutcome, httpOutcome, type Outcome } from './outcome.ts'

/** What stands ready for one cell: all of it belongs to the account `acme`, the media to its owner `anna`. */
export interface Stage {
  readonly url: string
  /** The Authorization header of the owner. */
  readonly annas: string
  readonly mediaId: string
  readonly mediaName: string
  /** What systems with integer ids know it by, and what opens its content there. */
  readonly mediaNumber: number
  readonly mediaHash: string
  /** A drawing; nothing is done to it. */
  readonly pictureId: string
  /** In the trash. */
  readonly deletedId: string
  /** Gone for good. */
  readonly purgedId: string
  readonly shareLinkId: string
  readonly shareToken: string
  readonly collectionId: string
  readonly keyId: string
  readonly applicationId: string
  /** On another media, which nothing else is done to. */
  readonly legalHoldId: string
  readonly webhookId: string
}

type Headers = Record<string, string>

export interface Row {
  /** `Query.media`, `Mutation.deleteMedia`, or method and route: `GET /media/:id/content`. */
  readonly name: string
  /** Written by hand, one letter an asker: see ASKERS in outcome.ts. */
  readonly expect: string
  /** Does it, and says what came of it. */
  act(stage: Stage, headers: Headers): Promise<Outcome>
}

const preflight = { 'apollo-require-preflight': 'true' }

/** A row for one GraphQL field. */
export function operation(name: string, expect: string, document: (stage: Stage) => string): Row {
  const field = name.split('.')[1] ?? ''
  return {
    name,
    expect,
    async act(stage, headers) {
      const type = name.startsWith('Query') ? 'query' : 'mutation'
      const body = JSON.stringify({ query: `${type} { ${document(stage)} }` })
      const answer = await fetch(`${stage.url}/graphql`, {
        method: 'POST',
        headers: { ...headers, ...preflight, 'content-type': 'application/json' },
        body,
      })
      return graphQLOutcome(field, (await answer.json()) as never)
    },
  }
}

/** A row for a field that takes files: the one at `path` below the input. */
export function upload(name: string, expect: string, path: string, input: (stage: Stage) => object): Row {
  const field = name.split('.')[1] ?? ''
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
  const result = field.endsWith('Batch') ? 'results { userErrors { code } }' : 'userErrors { code }'
  return {
    name,
    expect,
    async act(stage, headers) {
      const query = `mutation U($input: ${type}!) { ${field}(input: $input) { ${result} } }`
      const file = { [`variables.input.${path}`]: { bytes: Buffer.from('x') } }
      const body = multipart(query, { input: input(stage) }, file)
      const answer = await fetch(`${stage.url}/graphql`, {
        method: 'POST',
        headers: { ...headers, ...preflight },
        body,
      })
      return graphQLOutcome(field, (await answer.json()) as never)
    },
  }
}

/** Nothing was seen: every event that is kept comes behind it. */
const FROM_THE_START = Buffer.from('events:1').toString('base64url')

/** A row for a subscription: whether it tells of what was done to the staged media. */
export function subscription(name: string, expect: string, document: string): Row {
  return {
    name,
    expect,
    async act({ url, mediaId }, { authorization = null }) {
      // Who may upload hears of their own, which comes later: then what has not come does not come.
      const own = await graphqlClient(url, authorization)
        .upload({ bytes: Buffer.from('x') })
        .catch(() => null)
      await using following = followByWebSocket(url, {
        authorization,
        query: document,
        after: FROM_THE_START,
      })
      for (;;) {
        const result = await following.result().catch(error => error)
        const { code } = result as { code?: number }
        if (code === 4401) return 'U'
        const errors = Array.isArray(result) ? result : result?.errors
        if (errors) return graphQLOutcome('mediaEvents', { errors })
        const seen = (result as { data: { mediaEvents: { mediaId: string } } }).data.mediaEvents.mediaId
        if (seen === mediaId) return '+'
        if (seen === own?.media?.id) return '-'
      }
    },
  }
}

/** A row for one method of one route. */
export function route(
  name: string,
  expect: string,
  path: (stage: Stage) => string,
  json?: (stage: Stage) => unknown,
): Row {
  return {
    name,
    expect,
    async act(stage, headers) {
      const answer = await fetch(stage.url + path(stage), {
        method: name.split(' ')[0],
        headers: { ...headers, ...preflight, ...(json ? { 'content-type': 'application/json' } : {}) },
        body: json && JSON.stringify(json(stage)),
        redirect: 'manual',
      })
      await answer.arrayBuffer()
      return httpOutcome(answer.status)
    },
  }
}
