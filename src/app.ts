import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { createApollo } from './entrances/graphql/apollo.ts'
import { graphqlRoutes } from './entrances/graphql/graphql.routes.ts'
import { playgroundRoutes } from './entrances/graphql/playground.routes.ts'
import { buildGatewaySchema } from './entrances/graphql/schema.ts'
import { sseRoutes } from './entrances/graphql/subscriptions/sse.routes.ts'
import { Subscribers } from './entrances/graphql/subscriptions/subscribers.ts'
import { SubscriptionRunner } from './entrances/graphql/subscriptions/subscription-runner.ts'
import { acceptWebSockets } from './entrances/graphql/subscriptions/websocket.ts'
import { Admission } from './entrances/http/admission.ts'
import { healthRoutes } from './entrances/http/health.routes.ts'
import { RequestLimits } from './entrances/http/rate-limit.ts'
import { authenticatedScope, viewerOf } from './entrances/http/request-viewer.ts'
import { createHttpServer } from './entrances/http/server.ts'
import { AccountService } from './features/access/account.service.ts'
import { Authenticator } from './features/access/authenticator.ts'
import { ApplicationResolver } from './features/access/jwt/application.resolver.ts'
import { ApplicationService } from './features/access/jwt/application.service.ts'
import { ApplicationTokens } from './features/access/jwt/application.tokens.ts'
import { ApplicationAdmin } from './features/access/jwt/application-admin.ts'
import { IssuerTokens } from './features/access/jwt/issuer.tokens.ts'
import { issuerKeys } from './features/access/jwt/issuer-keys.ts'
import { JwtTokens } from './features/access/jwt/jwt.tokens.ts'
import { KnownOwners } from './features/access/jwt/known-owners.ts'
import { ApiKeyResolver } from './features/access/key.resolver.ts'
import { KeyService } from './features/access/key.service.ts'
import { KeyAdmin } from './features/access/key-admin.ts'
import { KeySecrets, OpaqueTokens } from './features/access/key-secrets.ts'
import { KeyUsage } from './features/access/key-usage.ts'
import { ownerLoader } from './features/access/owner.loader.ts'
import { SecretHashes } from './features/access/secret-hashes.ts'
import { newSecret } from './features/access/secrets.ts'
import { ViewerResolver } from './features/access/viewer.resolver.ts'
import { archiveRoutes } from './features/archive/archive.routes.ts'
import { ArchiveService } from './features/archive/archive.service.ts'
import { BlobService } from './features/blobs/blob.service.ts'
import { Doctor } from './features/blobs/doctor.ts'
import { Reaper } from './features/blobs/reaper.ts'
import { DownloadCounter } from './features/delivery/budget/download-counter.ts'
import { MediaContent } from './features/delivery/content-finder.ts'
import { deliveryRoutes } from './features/delivery/delivery.routes.ts'
import { DeliveryService } from './features/delivery/delivery.service.ts'
import { shareRoutes } from './features/delivery/sharing/share.routes.ts'
import { ShareLinkResolver } from './features/delivery/sharing/share-link.resolver.ts'
import { SHARE_LINK_PREFIX, ShareLinkService } from './features/delivery/sharing/share-link.service.ts'
import { MediaUrlResolver } from './features/delivery/signing/media-url.resolver.ts'
import { MediaUrls } from './features/delivery/signing/media-urls.ts'
import { UrlSigner } from './features/delivery/signing/url-signer.ts'
import { MediaEventsResolver } from './features/events/media-events.resolver.ts'
import { MediaEvents } from './features/events/media-events.service.ts'
import { insightDefaults } from './features/insight/insight.config.ts'
import { InsightService } from './features/insight/insight.service.ts'
import { LoginFailures } from './features/limits/login-failures.ts'
import { LoginThrottle } from './features/limits/login-throttle.ts'
import { WindowCounter } from './features/limits/window-counter.ts'
import { ExplainAccessResolver } from './features/media/explain-access.resolver.ts'
import { MediaResolver } from './features/media/media.resolver.ts'
import { MediaService } from './features/media/media.service.ts'
import { NodeResolver } from './features/media/node.resolver.ts'
import { Trash } from './features/retention/trash.ts'
import { IngestService } from './features/upload/ingest.service.ts'
import { NewMedia } from './features/upload/new-media.ts'
import { UploadResolver } from './features/upload/upload.resolver.ts'
import { type Foundation, type Overrides, openFoundation } from './foundation.ts'
import { EventFeed } from './platform/events/event-feed.ts'
import { EventLog } from './platform/events/event-log.ts'
import { EventRetention } from './platform/events/event-retention.ts'
import { EventStream } from './platform/events/event-stream.ts'
import { Outbox } from './platform/events/outbox.ts'
import { WakeUps } from './platform/events/wake-ups.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { PublicUrl } from './platform/public-url.ts'
import { abandonedTempFolders } from './platform/temp-folder.ts'

/** The whole gateway, put together and not yet running. */
export interface App {
  readonly config: Config
  readonly foundation: Foundation
  readonly accounts: AccountService
  readonly keys: KeyService
  readonly applications: ApplicationService
  readonly media: MediaService
  readonly doctor: Doctor
  readonly reaper: Reaper
  readonly trash: Trash
  readonly publicUrl: PublicUrl
  readonly jobs: readonly JobKind[]
  /** The HTTP server with all doors, ready to listen. `draining` makes it say that it is not ready. */
  createServer(state: { draining: () => boolean }): Promise<FastifyInstance>
  close(): Promise<void>
}

/** Composition root: every part of the program is made here, from what it stands on up to the doors. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const foundation = await openFoundation(config, overrides)
  const { log, clock, newId, fault, database, storage, pepper, signingKeys, tempRoot } = foundation
  const publicUrl = new PublicUrl(config)
  const onLeftover = (error: unknown) =>
    log.warn({ err: error }, 'bytes could not be removed; the reaper will try again')

  const hashes = new SecretHashes({ pepper })
  const keyUsage = new KeyUsage({
    database,
    onLost: error => log.warn({ err: error }, 'when keys were used last could not be written'),
  })
  const secrets = { database, hashes, usage: keyUsage }
  const owners = new KnownOwners({ database, newId })
  const jwts = new JwtTokens({
    signers: [
      ...config.JWT_ISSUERS.map(
        issuer => new IssuerTokens({ issuer, keys: issuerKeys(issuer), owners, clock }),
      ),
      new ApplicationTokens({ database, clock, audience: config.PUBLIC_URL }),
    ],
  })
  const authenticator = new Authenticator({
    keys: new KeySecrets(secrets),
    tokens: [new OpaqueTokens(secrets), jwts],
    clock,
  })
  const keys = new KeyService({ database, hashes, newId, clock })
  const applications = new ApplicationService({ database, newId })
  const accounts = new AccountService({ database })
  const outbox = new Outbox({ newId })
  const blobs = new BlobService({
    database,
    storage,
    newId,
    fault,
    onLeftover,
    leaseSeconds: config.UPLOAD_LEASE_SECONDS,
  })
  const reaper = new Reaper({ database, blobs, fault, onLeftover })
  const trash = new Trash({ database, days: config.TRASH_DAYS })
  const doctor = new Doctor({ database, storage, abandonedTempFolders: () => abandonedTempFolders(tempRoot) })
  const insight = new InsightService({ limits: insightDefaults })
  const media = new MediaService({ database, outbox })
  const ingest = new IngestService({
    database,
    blobs,
    fault,
    newMedia: new NewMedia({ database, outbox, newId }),
    facts: (blob, { mimeType, size }) =>
      insight.probe({ mimeType, size, open: () => storage.readOrLost(blob) }),
    storeId: storage.defaultStore,
    maxBytes: config.MAX_UPLOAD_BYTES,
  })
  const content = new MediaContent({ database })
  const fingerprint = (text: string) => hashes.fast(text).hash
  const downloads = new DownloadCounter({ database, fingerprint })
  const delivery = new DeliveryService({ media: content, budget: downloads, storage, clock })
  const signer = new UrlSigner({ keys: signingKeys, clock })
  const links = new ShareLinkService({ database, clock, newId, newToken: newSecret, fingerprint })
  const archive = new ArchiveService({ content, delivery })
  const eventLog = new EventLog({ database })
  const feed = new EventFeed({
    log: eventLog,
    wakeUps: new WakeUps({
      newClient: () => database.newClient(),
      onError: error => log.warn({ err: error }, 'events are looked for every second, since LISTEN failed'),
    }),
    onError: error => log.warn({ err: error }, 'events cannot be read at the moment'),
  })
  const mediaEvents = new MediaEvents({ database, stream: new EventStream({ log: eventLog, feed }) })
  const retention = new EventRetention({ database, days: config.EVENT_DAYS })
  const { login } = config.RATE_LIMIT
  const failures = login && new LoginFailures({ database, rate: login })
  const admission = new Admission({
    authenticator,
    logins:
      failures &&
      new LoginThrottle({
        failures,
        insurance: new WindowCounter({ rate: login, clock }),
        clock,
        onError: error => log.warn({ err: error }, 'failed logins are counted by this node alone'),
      }),
    limits: new RequestLimits({ rates: config.RATE_LIMIT, clock }),
  })
  const schema = buildGatewaySchema([
    new ApiKeyResolver(new KeyAdmin(keys)),
    new ApplicationResolver(new ApplicationAdmin({ applications })),
    new MediaResolver(media),
    new MediaEventsResolver(),
    new ExplainAccessResolver(media),
    new NodeResolver({
      media,
      others: [
        {
          typeName: 'ShareLink',
          prefix: SHARE_LINK_PREFIX,
          getMany: (viewer, ids) => links.getMany(viewer, ids),
        },
      ],
    }),
    new MediaUrlResolver(new MediaUrls({ signer, publicUrl: () => publicUrl.base })),
    new ShareLinkResolver({ links, publicUrl: () => publicUrl.base }),
    new UploadResolver({ ingest, maxFiles: config.MAX_UPLOAD_FILES }),
    new ViewerResolver(),
  ])
  const jobs: JobKind[] = [
    { name: 'logins.forget', cron: '23 * * * *', run: async () => void (await failures?.forget()) },
    { name: 'downloads.forget', cron: '41 * * * *', run: async () => void (await downloads.forget()) },
    { name: 'blobs.reap', cron: '* * * * *', run: async () => void (await reaper.run()) },
    { name: 'trash.empty', cron: '7 * * * *', run: async () => void (await trash.empty()) },
    { name: 'events.prune', cron: '37 * * * *', run: async () => void (await retention.prune()) },
  ]

  return {
    config,
    foundation,
    accounts,
    keys,
    applications,
    media,
    doctor,
    reaper,
    trash,
    publicUrl,
    jobs,
    async createServer({ draining }) {
      const server = await createHttpServer({
        logger: log,
        corsOrigins: config.CORS_ORIGINS,
        trustProxy: config.TRUST_PROXY,
        idleTimeoutSeconds: config.IDLE_TIMEOUT_SECONDS,
      })
      server.server.on('listening', () => publicUrl.listensOn((server.server.address() as AddressInfo).port))
      const apollo = createApollo({ schema, server, introspection: config.INTROSPECTION, logger: log })
      await apollo.start()
      const checks = {
        database: () => database.query('SELECT 1'),
        storage: () => storage.check(storage.defaultStore),
      }
      const multipart = { maxFileBytes: config.MAX_UPLOAD_BYTES, maxFiles: config.MAX_UPLOAD_FILES }
      await server.register(healthRoutes({ checks, draining }))
      if (config.PLAYGROUND) await server.register(playgroundRoutes)
      await server.register(
        authenticatedScope(admission, [
          deliveryRoutes({ service: delivery, signer, viewerOf }),
          shareRoutes({ service: delivery, links }),
          archiveRoutes({ service: archive, viewerOf }),
        ]),
      )
      const contextOf = () => ({ owners: ownerLoader(database) })
      await server.register(graphqlRoutes({ apollo, admission, multipart, contextOf }))
      const subscribers = new Subscribers({ authenticator, most: config.MAX_SUBSCRIPTIONS })
      const runner = new SubscriptionRunner({
        schema,
        introspection: config.INTROSPECTION,
        mediaEvents,
        contextOf,
      })
      const { CORS_ORIGINS: corsOrigins, TRUST_PROXY: trustProxy } = config
      acceptWebSockets(server, { admission, subscribers, runner, corsOrigins, trustProxy })
      await server.register(sseRoutes({ admission, subscribers, runner }))
      server.addHook('preClose', async () => subscribers.endAll())
      return server
    },
    async close() {
      feed.close()
      await keyUsage.flush()
      await insight.close()
      await foundation.close()
    },
  }
}
