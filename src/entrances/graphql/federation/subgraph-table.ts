import { ENTITY_TYPES } from './entity-types.ts'

/** The federation specification whose directives are used: 2.9 is the first one with costs. */
export const FEDERATION_SPEC = 'https://specs.apollo.dev/federation/v2.9'

/** Keys by which other subgraphs refer to a type of ours: the directive's arguments. */
export const KEYS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(ENTITY_TYPES).map(name => [name, 'fields: "id"'])),
  // The account's own systems know its users; we refer to them, and cannot tell more than we were told.
  User: 'fields: "id", resolvable: false',
}

/** Value types that subgraphs commonly define alike, and fields that another one may answer too (`Type.field`). */
export const SHAREABLE: ReadonlySet<string> = new Set([
  'PageInfo',
  'Geolocation',
  'InvalidInputError',
  'NotFoundError',
  'ConflictError',
  'User.name',
])

/**
 * Names by which a contract of the graph can leave fields out: `admin` manages the account's credentials; `multipart` takes
 * files, which routers do not pass on; `relay` is object identification, which a graph can have in one subgraph only.
 */
export const TAGS: Readonly<Record<string, readonly string[]>> = {
  admin: [
    'Query.apiKeys',
    'Query.applications',
    'Query.auditEvents',
    'Query.webhooks',
    'Mutation.createApiKey',
    'Mutation.rotateApiKey',
    'Mutation.revokeApiKey',
    'Mutation.createApplication',
    'Mutation.revokeApplication',
    'Mutation.createWebhook',
    'Mutation.updateWebhook',
    'Mutation.deleteWebhook',
    'Mutation.rotateWebhookSecret',
    'Mutation.testWebhook',
    'Mutation.redeliverWebhook',
  ],
  multipart: ['Mutation.uploadMedia', 'Mutation.uploadMediaBatch', 'Mutation.replaceMediaContent'],
  relay: ['Query.node', 'Query.nodes'],
}
