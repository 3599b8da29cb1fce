import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config.ts'
import { viewerOf } from './entrances/http/request-viewer.ts'
import type { BlobService } from './features/blobs/blob.service.ts'
import type { DeliveryService } from './features/delivery/delivery.service.ts'
import type { MediaUrls } from './features/delivery/signing/media-urls.ts'
import type { UrlSigner } from './features/delivery/signing/url-signer.ts'
import { imageRoutes } from './features/transform/delivery/image.routes.ts'
import { Thumbnails } from './features/transform/delivery/thumbnails.ts'
import { MediaImageResolver } from './features/transform/graphql/media-image.resolver.ts'
import { PictureLinks } from './features/transform/picture-links.ts'
import { Presets } from './features/transform/presets/presets.ts'
import { Renderer, renderDefaults } from './features/transform/render/renderer.ts'
import { TransformTold } from './features/transform/transform.metrics.ts'
import { VariantRows } from './features/transform/variants/variant.rows.ts'
import { VariantCleaning } from './features/transform/variants/variant-cleaning.ts'
import { VariantWriter } from './features/transform/variants/variant-writer.ts'
import { Variants } from './features/transform/variants/variants.ts'
import type { Foundation } from './foundation.ts'
import { NodeLocks } from './platform/db/node-locks.ts'
import { isolatedObserver } from './platform/isolated/isolated.metrics.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

export interface PictureDeps {
  readonly config: Config
  readonly foundation: Foundation
  readonly blobs: BlobService
  readonly delivery: DeliveryService
  readonly signer: UrlSigner
  readonly urls: MediaUrls
}

/** Pictures made of media: how they are made and kept, and their doors. */
export interface PictureParts {
  readonly variants: Variants
  readonly presets: Presets
  readonly renderer: Renderer
  readonly thumbnails: Thumbnails
  readonly cleaning: VariantCleaning
  readonly routes: readonly FastifyPluginAsync[]
  readonly resolvers: readonly object[]
  readonly jobs: readonly JobKind[]
  close(): Promise<void>
}

export function composePictures(deps: PictureDeps): PictureParts {
  const { config, foundation, blobs, delivery, signer, urls } = deps
  const { database, storage, metrics, log } = foundation
  const renderer = new Renderer({
    limits: { ...renderDefaults, processes: config.IMAGE_RENDERERS, queue: config.IMAGE_QUEUE },
    observer: isolatedObserver(metrics)('render'),
  })
  const locks = new NodeLocks({
    newClient: () => database.newClient(),
    onError: error => log.warn({ err: error }, 'pictures are made without asking whether another node does'),
  })
  const told = new TransformTold(metrics)
  const rows = new VariantRows({ database })
  const writer = new VariantWriter({ database, blobs, rows })
  const variants = new Variants({ rows, writer, renderer, storage, locks, told })
  const presets = new Presets({ rules: config.IMAGE_PRESETS, only: config.IMAGE_PRESETS_ONLY })
  const cleaning = new VariantCleaning({ database, maxBytes: config.VARIANT_CACHE_BYTES, told })
  return {
    variants,
    presets,
    cleaning,
    renderer,
    thumbnails: new Thumbnails({ database, delivery, presets, variants }),
    routes: [imageRoutes({ service: delivery, variants, presets, signer, viewerOf })],
    resolvers: [new MediaImageResolver(new PictureLinks({ presets, urls }))],
    jobs: [
      {
        name: 'variants.clean',
        cron: '19,49 * * * *',
        run: async () => void (await cleaning.removeOrphans()),
      },
      { name: 'variants.evict', cron: '29 * * * *', run: async () => void (await cleaning.removeExcess()) },
    ],
    async close() {
      await renderer.close()
      await variants.settled()
      await locks.close()
    },
  }
}
