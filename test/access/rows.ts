import { FACADES } from '../../src/entrances/facades/facade.ts'
import { ecPair } from '../support/jwt.ts'
import { APIZEE_ROWS } from './apizee-rows.ts'
import { BANDWIDTH_ROWS } from './bandwidth-rows.ts'
import { CMS_ROWS } from './cms-rows.ts'
import { operation, type Row, route, type Stage, subscription, upload } from './row.ts'
import { UPLOAD_ROWS } from './upload-rows.ts'
import { VONAGE_ROWS } from './vonage-rows.ts'

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

/** What needs no signature: a picture by preset. */
const thumbnail = (s: Stage) => `/media/${s.pictureId}/image/w400-h400-finside-webp`

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
  operation('Query.viewer', SIGNED_IN, () => `viewer { account usage { bytes { used } items { used } } }`),
  operation('Query.apiKeys', ADMIN_ONLY, () => `apiKeys { nodes { id } }`),
  operation('Query.applications', ADMIN_ONLY, () => `applications { nodes { id } }`),
  operation('Query.mediaPurge', CHANGE, s => `mediaPurge(mediaId: "${s.purgedId}") { id }`),
  operation('Query.retentionPreview', CREATE, () => `retentionPreview { totalCount nodes { id } }`),
  operation('Query.auditEvents', ADMIN_ONLY, () => `auditEvents { nodes { id } }`),
  operation('Query.legalHolds', ADMIN_ONLY, () => `legalHolds { nodes { id } }`),
  operation('Query.webhooks', ADMIN_ONLY, () => `webhooks { nodes { id deliveries { nodes { id } } } }`),

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
    'Mutation.reprocessMedia',
    CHANGE,
    s =>
      `reprocessMedia(input: { ids: ["${s.mediaId}"] }) { userErrors { code } results { userErrors { code } } }`,
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

  // Who makes a webhook lets somebody read media: an administrator who may not is refused.
  operation(
    'Mutation.createWebhook',
    'UUUU FF +FF+ FFF',
    () => `createWebhook(input: { url: "https://hooks.example.com/" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.updateWebhook',
    'UUUU FF -FF+ FFF',
    s => `updateWebhook(input: { id: "${s.webhookId}", description: "x" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.deleteWebhook',
    ADMIN_OF_THIS,
    s => `deleteWebhook(input: { id: "${s.webhookId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.rotateWebhookSecret',
    ADMIN_OF_THIS,
    s => `rotateWebhookSecret(input: { id: "${s.webhookId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.testWebhook',
    ADMIN_OF_THIS,
    s => `testWebhook(input: { id: "${s.webhookId}" }) { userErrors { code } }`,
  ),
  operation(
    'Mutation.redeliverWebhook',
    ADMIN_OF_THIS,
    s => `redeliverWebhook(input: { id: "${s.webhookId}" }) { userErrors { code } }`,
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
  route('GET /media/:id/image/:recipe', '-UUU +F --++ ++F', thumbnail),
  route('HEAD /media/:id/image/:recipe', '-UUU +F --++ ++F', thumbnail),
  route(
    'POST /media/archive',
    'UUUU +F ++++ ++F',
    () => '/media/archive',
    s => ({ ids: [s.mediaId] }),
  ),
  // The token decides, whoever has it; a credential that does not hold is refused at every door.
  route('GET /s/:token', NOT_SIGNED_IN_BADLY, s => `/s/${s.shareToken}`),
  route('HEAD /s/:token', NOT_SIGNED_IN_BADLY, s => `/s/${s.shareToken}`),
  route('GET /webhooks/schemas/v:version.json', NOT_SIGNED_IN_BADLY, () => '/webhooks/schemas/v1.json'),
  route('HEAD /webhooks/schemas/v:version.json', NOT_SIGNED_IN_BADLY, () => '/webhooks/schemas/v1.json'),
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
  ...UPLOAD_ROWS,
  // What these APIs are is nobody's secret.
  ...Object.keys(FACADES).map(name =>
    route(`GET /openapi/${name}.json`, ANYBODY, () => `/openapi/${name}.json`),
  ),
  ...CMS_ROWS,
  ...BANDWIDTH_ROWS,
  ...VONAGE_ROWS,
  ...APIZEE_ROWS,
]
