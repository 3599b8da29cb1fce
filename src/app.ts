import 'reflect-metadata'
import type { FastifyInstance } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { type AuditParts, composeAudit } from './audit.ts'
import { type BlobParts, composeBlobs } from './blobs.ts'
import type { Config } from './config.ts'
import { composeCredentials } from './credentials.ts'
import { openDoors, type ServerState } from './doors.ts'
import { FederationResolver } from './entrances/graphql/federation/federation.resolver.ts'
import { buildGatewaySchema, printSubgraphSchema } from './entrances/graphql/schema.ts'
import { viewerOf } from './entrances/http/request-viewer.ts'
import { composeEvents } from './events.ts'
import { composeExpiry, type ExpiryParts } from './expiry.ts'
import { composeFacades, FACADE_TYPE_RULES } from './facades.ts'
import { AccountService } from './features/access/account.service.ts'
import { ApplicationResolver } from './features/access/jwt/application.resolver.ts'
import { ApplicationService } from './features/access/jwt/application.service.ts'
import { ApplicationAdmin } from './features/access/jwt/application-admin.ts'
import { ApiKeyResolver } from './features/access/key.resolver.ts'
import { KeyService } from './features/access/key.service.ts'
import { KeyAdmin } from './features/access/key-admin.ts'
import { COLLECTION_PREFIX } from './features/access/policy.ts'
import { newSecret } from './features/access/secrets.ts'
import { ViewerResolver } from './features/access/viewer.resolver.ts'
import { archiveRoutes } from './features/archive/archive.routes.ts'
import { ArchiveService } from './features/archive/archive.service.ts'
import { CollectionResolver } from './features/collections/collection.resolver.ts'
import { CollectionService } from './features/collections/collection.service.ts'
import { CollectionContents } from './features/collections/collection-contents.ts'
import { MediaCollectionsResolver } from './features/collections/media-collections.resolver.ts'
import { DownloadCounter } from './features/delivery/budget/download-counter.ts'
import { MediaContent } from './features/delivery/content-finder.ts'
import { deliveryRoutes } from './features/delivery/delivery.routes.ts'
import { DeliveryService } from './features/delivery/delivery.service.ts'
import { MediaHashes } from './features/delivery/media-hashes.ts'
import { shareRoutes } from './features/delivery/sharing/share.routes.ts'
import { ShareLinkResolver } from './features/delivery/sharing/share-link.resolver.ts'
import { SHARE_LINK_PREFIX, ShareLinkService } from './features/delivery/sharing/share-link.service.ts'
import { MediaUrlResolver } from './features/delivery/signing/media-url.resolver.ts'
import { LONGEST_LIFETIME, MediaUrls } from './features/delivery/signing/media-urls.ts'
import { UrlSigner } from './features/delivery/signing/url-signer.ts'
import { VersionUrlResolver } from './features/delivery/signing/version-url.resolver.ts'
import { EventCursorResolver } from './features/events/event-cursor.resolver.ts'
import { MediaEventsResolver } from './features/events/media-events.resolver.ts'
import { insightDefaults } from './features/insight/insight.config.ts'
import { InsightService } from './features/insight/insight.service.ts'
import { DuplicatesResolver } from './features/media/duplicates.resolver.ts'
import { Duplicates } from './features/media/duplicates.ts'
import { ExplainAccessResolver } from './features/media/explain-access.resolver.ts'
import { Facets } from './features/media/facets.ts'
import { FindingResolver } from './features/media/finding.resolver.ts'
import { MediaResolver } from './features/media/media.resolver.ts'
import { type Columns, MediaService } from './features/media/media.service.ts'
import { MediaChangeResolver } from './features/media/media-change.resolver.ts'
import { MediaChanges } from './features/media/media-changes.service.ts'
import { MediaPages } from './features/media/media-pages.ts'
import { MediaVersionsResolver } from './features/media/media-versions.resolver.ts'
import { MediaVersions } from './features/media/media-versions.service.ts'
import { MediaWriter } from './features/media/media-writer.ts'
import { NodeResolver } from './features/media/node.resolver.ts'
import { Tags } from './features/media/tags.ts'
import type { Backlog } from './features/processing/backlog.ts'
import type { Step } from './features/processing/step.ts'
import { LegalHoldResolver } from './features/retention/holds/legal-hold.resolver.ts'
import { LEGAL_HOLD_PREFIX, LegalHoldService } from './features/retention/holds/legal-hold.service.ts'
import { OldVersions } from './features/retention/old-versions.ts'
import { RestoreResolver } from './features/retention/restore.resolver.ts'
import { RestoreService } from './features/retention/restore.service.ts'
import { TypeRules } from './features/types/type-rules.ts'
import { kindOf } from './features/upload/sniff/kind-of.ts'
import { type Foundation, type Overrides, openFoundation } from './foundation.ts'
import { composeObservers } from './observers.ts'
import { composePictures, type PictureParts } from './pictures.ts'
import { Outbox } from './platform/events/outbox.ts'
import { Idempotency } from './platform/idempotency/idempotency.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { PublicUrl } from './platform/public-url.ts'
import { composePrivacy } from './privacy.ts'
import { composePurges, type PurgeParts } from './purges.ts'
import { composeScans } from './scans.ts'
import { composeUnderstanding } from './understanding.ts'
import { composeUploads } from './uploads.ts'
import { composeUsage, type UsageParts } from './usage.ts'
import { composeWebhooks, type WebhookSending } from './webhooks.ts'

/** The whole gateway, put together and not yet running. */
export interface App {
  readonly config: Config
  readonly foundation: Foundation
  readonly accounts: AccountService
  readonly usage: UsageParts['usage']
  readonly audit: AuditParts
  readonly keys: KeyService
  readonly applications: ApplicationService
  readonly media: MediaService
  readonly holds: LegalHoldService
  readonly changes: MediaChanges
  readonly doctor: BlobParts['doctor']
  readonly reaper: BlobParts['reaper']
  readonly epochs: BlobParts['epochs']
  readonly inspections: BlobParts['inspections']
  readonly trash: PurgeParts['trash']
  readonly purges: PurgeParts['purges']
  readonly oldVersions: OldVersions
  readonly foresight: ExpiryParts['foresight']
  /** What is done with contents after their commit. */
  readonly steps: readonly Step[]
  readonly backlog: Backlog
  readonly pictures: PictureParts
  readonly webhooks: WebhookSending
  readonly publicUrl: PublicUrl
  /** What GraphQL executes; also for who embeds the gateway. */
  readonly schema: GraphQLSchema
  readonly jobs: readonly JobKind[]
  /** The HTTP server with all doors, ready to listen. `draining` makes it say that it is not ready. */
  createServer(state: ServerState): Promise<FastifyInstance>
  close(): Promise<void>
}

/** Composition root: every part of the program is made here, from what it stands on up to the doors. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const foundation = await openFoundation(config, overrides)
  const { clock, newId, database, storage, signingKeys } = foundation
  const observe = composeObservers(foundation)
  const publicUrl = new PublicUrl(config)
  const audit = composeAudit(config, foundation)
  const credentials = composeCredentials(config, foundation, observe)
  const { hashes, keys, applications } = credentials
  const { mediaEvents, ...events } = composeEvents(config, foundation)

  const accounts = new AccountService({ database })
  const outbox = new Outbox({ newId })
  const idempotency = new Idempotency({ database, onRepeat: observe.repeats })
  const { usage, quotas, ...usageParts } = composeUsage(config, foundation)
  const { blobs, reaper, doctor, epochs, inspections, ...blobJobs } = composeBlobs(config, foundation, quotas)
  const { trash, purges, ...purging } = composePurges(foundation, { blobs, outbox })
  const oldVersions = new OldVersions({
    database,
    keep: config.KEEP_VERSIONS,
    // A day more than the longest URL: it may have been made from what was read a little earlier.
    graceSeconds: LONGEST_LIFETIME + 86_400,
  })
  const files = { limits: insightDefaults, ffmpegPath: config.FFMPEG_PATH, observer: observe.pools }
  const insight = new InsightService(files)
  const media = new MediaService({ database })
  const writer = new MediaWriter({ outbox, trashDays: config.TRASH_DAYS })
  const expiry = composeExpiry(config, foundation, outbox)
  const changes = new MediaChanges({ database, writer, removal: purges, expiry: expiry.terms })
  const scans = composeScans({ config, foundation, outbox, writer })
  const collections = new CollectionService({ database, newId })
  const contents = new CollectionContents({ database })
  const types = new TypeRules({
    rules: config.TYPE_RULES,
    ofDoors: FACADE_TYPE_RULES,
    maxBytes: config.MAX_UPLOAD_BYTES,
    kindOf,
  })
  const contentsAsStored = new MediaContent({ database, types, scanPolicy: scans.policy })
  const { content, ...privacy } = composePrivacy(config, foundation, contentsAsStored)
  const fingerprint = (text: string) => hashes.fast(text).hash
  const downloads = new DownloadCounter({ database, fingerprint })
  const leaving = { budget: downloads, storage, clock }
  const delivery = new DeliveryService({ ...leaving, media: content })
  const signer = new UrlSigner({ keys: signingKeys, clock })
  const urls = new MediaUrls({ signer, publicUrl: () => publicUrl.base })
  const pictures = composePictures({
    config,
    foundation,
    blobs,
    // Pictures hold nothing of what is taken out of contents for the public.
    delivery: new DeliveryService({ ...leaving, media: contentsAsStored }),
    signer,
    urls,
  })
  const understanding = composeUnderstanding({
    config,
    foundation,
    outbox,
    insight,
    scans,
    pictures,
  })
  const uploads = composeUploads({
    config,
    foundation,
    publicUrl,
    blobs,
    outbox,
    writer,
    idempotency,
    pipeline: understanding.pipeline,
    expiry: expiry.terms,
    expiredNames: expiry.expiredNames,
    initialScan: scans.initialScan,
    quotas,
    types,
    facts: (blob, { mimeType, size }) =>
      insight.probe({ mimeType, size, open: range => storage.readOrLost(blob, range) }),
  })
  const webhooks = composeWebhooks({ config, foundation, outbox, idempotency })
  const holds = new LegalHoldService({ database, outbox, newId })
  const links = new ShareLinkService({
    database,
    idempotency,
    clock,
    newId,
    newToken: newSecret,
    fingerprint,
  })
  const archive = new ArchiveService({ content, delivery })
  const schema = buildGatewaySchema([
    new ApiKeyResolver(new KeyAdmin({ keys, idempotency })),
    new ApplicationResolver(new ApplicationAdmin({ applications, idempotency })),
    new MediaResolver(media),
    new MediaChangeResolver(changes),
    new MediaCollectionsResolver(contents),
    new CollectionResolver({ collections, contents }),
    new FindingResolver({ tags: new Tags({ database }), facets: new Facets({ database }) }),
    new MediaEventsResolver(),
    new EventCursorResolver(mediaEvents),
    new ExplainAccessResolver(media),
    new NodeResolver({
      media,
      others: [
        ...purging.nodes,
        audit.node,
        {
          typeName: 'ShareLink',
          prefix: SHARE_LINK_PREFIX,
          getMany: (viewer, ids) => links.getMany(viewer, ids),
        },
        {
          typeName: 'LegalHold',
          prefix: LEGAL_HOLD_PREFIX,
          getMany: (viewer, ids) => holds.getMany(viewer, ids),
        },
        {
          typeName: 'Collection',
          prefix: COLLECTION_PREFIX,
          getMany: (viewer, ids) => collections.getMany(viewer, ids),
        },
        ...webhooks.nodes,
      ],
    }),
    new FederationResolver({
      sources: {
        Collection: collections,
        Media: { getMany: (viewer, ids, columns) => media.getMany(viewer, ids, columns as Columns) },
      },
      sdl: printSubgraphSchema,
      introspection: config.INTROSPECTION,
    }),
    new MediaUrlResolver(urls),
    new VersionUrlResolver(urls),
    new DuplicatesResolver(new Duplicates({ database })),
    new MediaVersionsResolver(new MediaVersions({ database, keep: config.KEEP_VERSIONS })),
    new ShareLinkResolver({ links, publicUrl: () => publicUrl.base }),
    new LegalHoldResolver({ holds }),
    new RestoreResolver(new RestoreService({ database, outbox, expiry: expiry.terms })),
    ...purging.resolvers,
    ...expiry.resolvers,
    ...uploads.resolvers,
    ...understanding.resolvers,
    ...privacy.resolvers,
    ...pictures.resolvers,
    ...usageParts.resolvers,
    ...audit.resolvers,
    ...webhooks.resolvers,
    new ViewerResolver(),
  ])
  audit.watch(schema)
  const jobs: JobKind[] = [
    ...credentials.jobs,
    { name: 'downloads.forget', cron: '41 * * * *', run: async () => void (await downloads.forget()) },
    { name: 'idempotency.forget', cron: '53 * * * *', run: async () => void (await idempotency.forget()) },
    ...blobJobs.jobs,
    ...purging.jobs,
    ...expiry.jobs,
    { name: 'versions.remove', cron: '13 * * * *', run: async () => void (await oldVersions.remove()) },
    ...uploads.jobs,
    ...understanding.jobs,
    ...privacy.jobs,
    ...pictures.jobs,
    ...usageParts.jobs,
    ...audit.jobs,
    ...webhooks.jobs,
    ...events.jobs,
  ]

  const doors = {
    config,
    foundation,
    publicUrl,
    authenticator: credentials.authenticator,
    admission: credentials.admission,
    schema,
    onRefused: audit.onRefused,
    mediaEvents,
    lesser: scans.checks,
    routes: [
      deliveryRoutes({ service: delivery, signer, hashes: new MediaHashes({ database }), viewerOf }),
      shareRoutes({ service: delivery, links }),
      archiveRoutes({ service: archive, viewerOf }),
      ...pictures.routes,
      ...uploads.routes,
      ...webhooks.routes,
    ],
    facades: composeFacades({
      config,
      foundation,
      publicUrl,
      admission: credentials.admission,
      media,
      pages: new MediaPages({ database }),
      changes,
      uploads,
      urls,
      delivery,
      pictures,
    }),
  }

  return {
    config,
    foundation,
    accounts,
    usage,
    audit,
    keys,
    applications,
    media,
    holds,
    changes,
    doctor,
    reaper,
    epochs,
    inspections,
    trash,
    purges,
    oldVersions,
    foresight: expiry.foresight,
    steps: understanding.steps,
    backlog: understanding.backlog,
    pictures,
    webhooks: webhooks.sending,
    publicUrl,
    schema,
    jobs: observe.jobs(jobs),
    createServer: state => openDoors(doors, state),
    async close() {
      events.close()
      await credentials.close()
      await audit.refusals.close()
      await insight.close()
      await pictures.close()
      await foundation.close()
    },
  }
}
