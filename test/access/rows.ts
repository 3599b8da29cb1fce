import { graphqlClient, multipart } from '../support/gql.ts'
import { ecPair } from '../support/jwt.ts'
import { followByWebSocket } from '../support/subscribe.ts'
import { graphQLOutcome, httpOutcome, type Outcome } from './outcome.ts'

/** What stands ready for one cell: all of it belongs to the account `acme`, the media to its owner `anna`. */
export interface Stage {
  readonly url: string
  readonly mediaId: string
  readonly mediaName: string
  /** In the trash. */
  readonly deletedId: string
  readonly shareLinkId: string
  readonly shareToken: string
  readonly collectionId: string
  readonly keyId: string
  readonly applicationId: string
  /** On another media, which nothing else is done to. */
  readonly legalHoldId: string
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
function operation(name: string, expect: string, document: (stage: Stage) => string): Row {
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
function upload(name: string, expect: string, path: string, input: (stage: Stage) => object): Row {
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
function subscription(name: string, expect: string, document: string): Row {
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
function route(
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

const ADMIN_ONLY = 'UUUU F+ +FF+ FFF'
const ADMIN_OF_THIS = 'UUUU F+ -FF+ FFF'
const READ = 'UUUU +F --++ ++F'
const LIST = 'UUUU +F ++++ ++F'
const CHANGE = 'UUUU FF --++ +FF'
const CREATE = 'UUUU FF ++++ +FF'
const SIGNED_IN = 'UUUU ++ ++++ +++'
const ANYBODY = '++++ ++ ++++ +++'
const NOT_SIGNED_IN_BADLY = '+UUU ++ ++++ +++'

const pem = ecPair().pem.replaceAll('\n', '\\n')

//                                              none garbage revoked expired | readOnly noMediaScope | otherAccount otherOwner owner admin | jwtAll jwtGet jwtElsewhere
export const ROWS: readonly Row[] = [
  operation('Query.media', READ, s => `media(id: "${s.mediaId}") { id }`),
  operation('Query.mediaByName', READ, s => `mediaByName(name: "${s.mediaName}") { id }`),
  operation('Query.mediaItems', LIST, () => `mediaItems { totalCount nodes { id } }`),
  operation('Query.node', READ, s => `node(id: "${s.mediaId}") { id }`),
  operation('Query.nodes', READ, s => `nodes(ids: ["${s.mediaId}"]) { id }`),
  operation(
    'Query.explainAccess',
    READ,
    s => `explainAccess(mediaId: "${s.mediaId}", action: DELETE) { rule }`,
  ),
  operation(
    'Query._entities',
    READ,
    s => `_entities(representations: [{ __typename: "Media", id: "${s.mediaId}" }]) { ... on Media { id } }`,
  ),
  operation('Query._service', SIGNED_IN, () => `_service { sdl }`),
  operation('Query.collection', READ, s => `collection(id: "${s.collectionId}") { id }`),
  operation('Query.collections', LIST, () => `collections { totalCount nodes { id media { totalCount } } }`),
  operation('Query.tags', LIST, () => `tags { totalCount nodes { name mediaCount } }`),
  operation('Query.mediaFacets', LIST, () => `mediaFacets { kinds { value count } }`),
  operation('Query.viewer', SIGNED_IN, () => `viewer { account }`),
  operation('Query.apiKeys', ADMIN_ONLY, () => `apiKeys { nodes { id } }`),
  operation('Query.applications', ADMIN_ONLY, () => `applications { nodes { id } }`),
  operation('Query.legalHolds', ADMIN_ONLY, () => `legalHolds { nodes { id } }`),

  upload('Mutation.uploadMedia', CREATE, 'file', () => ({ file: null })),
  upload('Mutation.uploadMediaBatch', CREATE, 'items.0.file', () => ({ items: [{ file: null }] })),
  upload('Mutation.replaceMediaContent', CHANGE, 'file', s => ({ id: s.mediaId, file: null })),
  operation(
    'Mutation.importMedia',
    CREATE,
    () => `importMedia(input: { url: "http://127.0.0.1:9/x" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.updateMedia',
    CHANGE,
    s => `updateMedia(input: { id: "${s.mediaId}", title: "x" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.deleteMedia',
    CHANGE,
    s => `deleteMedia(input: { id: "${s.mediaId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.restoreMedia',
    CHANGE,
    s => `restoreMedia(input: { id: "${s.deletedId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.updateMediaBatch',
    CHANGE,
    s =>
      `updateMediaBatch(input: { items: [{ id: "${s.mediaId}", title: "x" }] }) { userErrors { code } results { userErrors { code } } }`,
  ),
  operation(
    'Mutation.deleteMediaBatch',
    CHANGE,
    s =>
      `deleteMediaBatch(input: { ids: ["${s.mediaId}"] }) { userErrors { code } results { userErrors { code } } }`,
  ),
  operation(
    'Mutation.createShareLink',
    CHANGE,
    s => `createShareLink(input: { mediaId: "${s.mediaId}", expiresIn: 60 }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.revokeShareLink',
    CHANGE,
    s => `revokeShareLink(input: { id: "${s.shareLinkId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.applyLegalHold',
    ADMIN_OF_THIS,
    s => `applyLegalHold(input: { mediaId: "${s.mediaId}", reason: "x" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.releaseLegalHold',
    ADMIN_OF_THIS,
    s => `releaseLegalHold(input: { id: "${s.legalHoldId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.createCollection',
    CREATE,
    () => `createCollection(input: { name: "x" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.updateCollection',
    CHANGE,
    s => `updateCollection(input: { id: "${s.collectionId}", name: "x" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.deleteCollection',
    CHANGE,
    s => `deleteCollection(input: { id: "${s.collectionId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.addToCollection',
    CHANGE,
    s =>
      `addToCollection(input: { collectionId: "${s.collectionId}", mediaIds: ["${s.mediaId}"] }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.removeFromCollection',
    CHANGE,
    s =>
      `removeFromCollection(input: { collectionId: "${s.collectionId}", mediaIds: ["${s.mediaId}"] }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.createApiKey',
    ADMIN_ONLY,
    () => `createApiKey(input: { scopes: ["admin"] }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.rotateApiKey',
    ADMIN_OF_THIS,
    s => `rotateApiKey(input: { id: "${s.keyId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.revokeApiKey',
    ADMIN_OF_THIS,
    s => `revokeApiKey(input: { id: "${s.keyId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.createApplication',
    'UUUU FF +FF+ FFF',
    () => `createApplication(input: { scopes: ["media:read"], publicKey: "${pem}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.revokeApplication',
    ADMIN_OF_THIS,
    s => `revokeApplication(input: { id: "${s.applicationId}" }) { userErrors { code } }`,
  ),

  subscription(
    'Subscription.mediaEvents',
    READ,
    'subscription($after: String) { mediaEvents(after: $after) { mediaId } }',
  ),
  route(
    'POST /graphql/stream',
    SIGNED_IN,
    () => '/graphql/stream',
    () => ({ query: '{ __typename }' }),
  ),

  route('GET /media/:id/content', '-UUU +F --++ ++F', s => `/media/${s.mediaId}/content`),
  route('HEAD /media/:id/content', '-UUU +F --++ ++F', s => `/media/${s.mediaId}/content`),
  route(
    'POST /media/archive',
    'UUUU +F ++++ ++F',
    () => '/media/archive',
    s => ({ ids: [s.mediaId] }),
  ),
  // The token decides, whoever has it; a credential that does not hold is refused at every door.
  route('GET /s/:token', NOT_SIGNED_IN_BADLY, s => `/s/${s.shareToken}`),
  route('HEAD /s/:token', NOT_SIGNED_IN_BADLY, s => `/s/${s.shareToken}`),
  route('GET /graphql', SIGNED_IN, () => '/graphql?query={__typename}'),
  route(
    'POST /graphql',
    SIGNED_IN,
    () => '/graphql',
    () => ({ query: '{ __typename }' }),
  ),
  // No preflight of an origin that is configured: a method that the path does not have.
  route('HEAD /graphql', SIGNED_IN, () => '/graphql'),
  route('PUT /graphql', SIGNED_IN, () => '/graphql'),
  route('PATCH /graphql', SIGNED_IN, () => '/graphql'),
  route('DELETE /graphql', SIGNED_IN, () => '/graphql'),
  route('OPTIONS /graphql', NOT_SIGNED_IN_BADLY, () => '/graphql'),
  route('GET /health/live', ANYBODY, () => '/health/live'),
  route('GET /health/ready', ANYBODY, () => '/health/ready'),
  route('GET /', ANYBODY, () => '/'),
  route('GET /playground', ANYBODY, () => '/playground'),
  route('GET /playground/', ANYBODY, () => '/playground/'),
  route('GET /playground/*', ANYBODY, () => '/playground/styles.css'),
  route('HEAD /playground/*', ANYBODY, () => '/playground/styles.css'),
]
