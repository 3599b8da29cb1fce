import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import { ApplicationResolver } from '../../features/access/jwt/application.resolver.ts'
import { ApplicationConnectionResolver } from '../../features/access/jwt/application.type.ts'
import { ApiKeyResolver } from '../../features/access/key.resolver.ts'
import { ApiKeyConnectionResolver } from '../../features/access/key.type.ts'
import { ViewerResolver } from '../../features/access/viewer.resolver.ts'
import { ShareLinkResolver } from '../../features/delivery/sharing/share-link.resolver.ts'
import { ShareLinkConnectionResolver } from '../../features/delivery/sharing/share-link.type.ts'
import { MediaUrlResolver } from '../../features/delivery/signing/media-url.resolver.ts'
import { MediaEventsResolver } from '../../features/events/media-events.resolver.ts'
import { ExplainAccessResolver } from '../../features/media/explain-access.resolver.ts'
import { MediaConnectionResolver, MediaResolver } from '../../features/media/media.resolver.ts'
import { MediaType } from '../../features/media/media.type.ts'
import { NodeResolver } from '../../features/media/node.resolver.ts'
import { UploadResolver } from '../../features/upload/upload.resolver.ts'
import { PageInfoResolver } from '../../platform/graphql/connection.ts'
import { userErrorTypes } from '../../platform/graphql/user-error.ts'

// biome-ignore lint/complexity/noBannedTypes: type-graphql names resolver classes so.
const RESOLVERS: NonEmptyArray<Function> = [
  ApiKeyResolver,
  ApiKeyConnectionResolver,
  ApplicationResolver,
  ApplicationConnectionResolver,
  MediaResolver,
  ExplainAccessResolver,
  MediaConnectionResolver,
  MediaEventsResolver,
  MediaUrlResolver,
  NodeResolver,
  PageInfoResolver,
  ShareLinkResolver,
  ShareLinkConnectionResolver,
  UploadResolver,
  ViewerResolver,
]

/** type-graphql demands one where there are subscriptions; ours bring their own source. */
const NO_PUB_SUB = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('subscriptions have a source of their own')
  },
}

/** The executable schema; resolver classes that need collaborators are given as instances. */
export function buildGatewaySchema(instances: readonly object[]): GraphQLSchema {
  const byClass = new Map<unknown, object>(instances.map(instance => [instance.constructor, instance]))
  return buildSchemaSync({
    resolvers: RESOLVERS,
    orphanedTypes: [MediaType, ...userErrorTypes],
    validate: false,
    pubSub: NO_PUB_SUB,
    container: { get: someClass => byClass.get(someClass) ?? new (someClass as new () => object)() },
  })
}

/** The schema in its definition language, sorted: the text of schema.graphql. */
export const printGatewaySchema = (): string =>
  `${printSchema(lexicographicSortSchema(buildGatewaySchema([])))}\n`
