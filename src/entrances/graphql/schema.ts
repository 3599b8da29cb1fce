import 'reflect-metadata'
import { type GraphQLSchema, isAbstractType, lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import { ApplicationResolver } from '../../features/access/jwt/application.resolver.ts'
import { ApplicationConnectionResolver } from '../../features/access/jwt/application.type.ts'
import { ApiKeyResolver } from '../../features/access/key.resolver.ts'
import { ApiKeyConnectionResolver } from '../../features/access/key.type.ts'
import { ViewerResolver } from '../../features/access/viewer.resolver.ts'
import { AuditEventResolver } from '../../features/audit/audit-event.resolver.ts'
import { AuditEventConnectionResolver } from '../../features/audit/audit-event.type.ts'
import { CollectionResolver } from '../../features/collections/collection.resolver.ts'
import { CollectionConnectionResolver } from '../../features/collections/collection.type.ts'
import { MediaCollectionsResolver } from '../../features/collections/media-collections.resolver.ts'
import { ShareLinkResolver } from '../../features/delivery/sharing/share-link.resolver.ts'
import { ShareLinkConnectionResolver } from '../../features/delivery/sharing/share-link.type.ts'
import { MediaUrlResolver } from '../../features/delivery/signing/media-url.resolver.ts'
import { VersionUrlResolver } from '../../features/delivery/signing/version-url.resolver.ts'
import { EventCursorResolver } from '../../features/events/event-cursor.resolver.ts'
import { MediaEventsResolver } from '../../features/events/media-events.resolver.ts'
import { DuplicatesResolver } from '../../features/media/duplicates.resolver.ts'
import { ExplainAccessResolver } from '../../features/media/explain-access.resolver.ts'
import { FindingResolver, TagConnectionResolver } from '../../features/media/finding.resolver.ts'
import { MediaConnectionResolver, MediaResolver } from '../../features/media/media.resolver.ts'
import { MediaType } from '../../features/media/media.type.ts'
import { MediaChangeResolver } from '../../features/media/media-change.resolver.ts'
import { MediaVersionConnectionResolver } from '../../features/media/media-version.type.ts'
import { MediaVersionsResolver } from '../../features/media/media-versions.resolver.ts'
import { NodeResolver } from '../../features/media/node.resolver.ts'
import { PublicRisksResolver } from '../../features/privacy/public-risks.resolver.ts'
import { FactsResolver, PlaceholderResolver } from '../../features/processing/facts.resolver.ts'
import { ProcessingResolver } from '../../features/processing/processing.resolver.ts'
import { RetentionResolver } from '../../features/retention/expiry/retention.resolver.ts'
import { LegalHoldResolver } from '../../features/retention/holds/legal-hold.resolver.ts'
import { LegalHoldConnectionResolver } from '../../features/retention/holds/legal-hold.type.ts'
import { PurgeResolver } from '../../features/retention/purge/purge.resolver.ts'
import { RestoreResolver } from '../../features/retention/restore.resolver.ts'
import { MediaImageResolver } from '../../features/transform/graphql/media-image.resolver.ts'
import { ImportResolver } from '../../features/upload/import/import.resolver.ts'
import { ImportProgressResolver } from '../../features/upload/import/import-progress.resolver.ts'
import { ReplaceResolver } from '../../features/upload/replace.resolver.ts'
import { TicketResolver } from '../../features/upload/tickets/ticket.resolver.ts'
import { UploadResolver } from '../../features/upload/upload.resolver.ts'
import {
  UploadLimitsResolver,
  UploadLimitsTypeResolver,
} from '../../features/upload/upload-limits.resolver.ts'
import { UsageResolver } from '../../features/usage/usage.resolver.ts'
import { WebhookDeliveryConnectionResolver } from '../../features/webhooks/deliveries/delivery.type.ts'
import { WebhookConnectionResolver } from '../../features/webhooks/endpoints/webhook.type.ts'
import { WebhookResolver } from '../../features/webhooks/webhook.resolver.ts'
import { PageInfoResolver } from '../../platform/graphql/connection.ts'
import { userErrorTypes } from '../../platform/graphql/user-error.ts'
import { FederationResolver } from './federation/federation.resolver.ts'
import { subgraphSdl } from './federation/subgraph-sdl.ts'

// biome-ignore lint/complexity/noBannedTypes: type-graphql names resolver classes so.
type Resolvers = NonEmptyArray<Function>

const RESOLVERS: Resolvers = [
  ApiKeyResolver,
  ApiKeyConnectionResolver,
  ApplicationResolver,
  ApplicationConnectionResolver,
  AuditEventResolver,
  AuditEventConnectionResolver,
  LegalHoldResolver,
  LegalHoldConnectionResolver,
  RetentionResolver,
  CollectionResolver,
  CollectionConnectionResolver,
  MediaResolver,
  MediaChangeResolver,
  MediaCollectionsResolver,
  FindingResolver,
  ImportResolver,
  ImportProgressResolver,
  TagConnectionResolver,
  EventCursorResolver,
  DuplicatesResolver,
  ExplainAccessResolver,
  MediaConnectionResolver,
  MediaEventsResolver,
  MediaUrlResolver,
  MediaImageResolver,
  MediaVersionsResolver,
  MediaVersionConnectionResolver,
  NodeResolver,
  PageInfoResolver,
  FactsResolver,
  PlaceholderResolver,
  ProcessingResolver,
  PublicRisksResolver,
  WebhookResolver,
  WebhookConnectionResolver,
  WebhookDeliveryConnectionResolver,
  ReplaceResolver,
  PurgeResolver,
  RestoreResolver,
  ShareLinkResolver,
  ShareLinkConnectionResolver,
  TicketResolver,
  UploadLimitsResolver,
  UploadLimitsTypeResolver,
  UploadResolver,
  UsageResolver,
  VersionUrlResolver,
  ViewerResolver,
]

/**
 * Abstract types whose values say by `__typename` what they are. type-graphql makes a promise of every answer, for which
 * compiled queries cannot wait: they would be left to graphql-js.
 */
const TYPE_NAMED = ['Node', '_Entity']
/** type-graphql demands one where there are subscriptions; ours bring their own source. */
const NO_PUB_SUB = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('subscriptions have a source of their own')
  },
}

/** The executable schema; resolver classes that need collaborators are given as instances. */
export const buildGatewaySchema = (instances: readonly object[]): GraphQLSchema =>
  build([...RESOLVERS, FederationResolver], instances)

function build(resolvers: Resolvers, instances: readonly object[]): GraphQLSchema {
  const byClass = new Map<unknown, object>(instances.map(instance => [instance.constructor, instance]))
  const schema = buildSchemaSync({
    resolvers,
    orphanedTypes: [MediaType, ...userErrorTypes],
    validate: false,
    // Nor is it introspected as a whole to see whether it holds: Apollo Server validates it at each start, and a test does.
    skipCheck: true,
    pubSub: NO_PUB_SUB,
    container: { get: someClass => byClass.get(someClass) ?? new (someClass as new () => object)() },
  })
  for (const name of TYPE_NAMED) {
    const type = schema.getType(name)
    if (isAbstractType(type)) type.resolveType = (value: { __typename?: string }) => value.__typename
  }
  return schema
}

/** The schema for clients in its definition language, sorted: the text of schema.graphql. What only routers use is not in it. */
export const printGatewaySchema = (): string =>
  `${printSchema(lexicographicSortSchema(build(RESOLVERS, [])))}\n`

/** The same as a federation subgraph, with its directives: what `_service` tells a router. */
export const printSubgraphSchema = (): string => subgraphSdl(build(RESOLVERS, []))
