import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config.ts'
import { apizeeFacade } from './entrances/facades/apizee/apizee.routes.ts'
import { bandwidthFacade } from './entrances/facades/bandwidth/bandwidth.routes.ts'
import { bandwidthRetention, bandwidthTypeRules } from './entrances/facades/bandwidth/terms.ts'
import { cmsFacade } from './entrances/facades/cms/cms.routes.ts'
import { cmsTypeRules } from './entrances/facades/cms/terms.ts'
import type { Facade, FacadeName } from './entrances/facades/facade.ts'
import { facadeDoor } from './entrances/facades/facade-door.ts'
import { vonageFacade } from './entrances/facades/vonage/vonage.routes.ts'
import type { Admission } from './entrances/http/admission.ts'
import { NumberedOwners } from './features/access/numbered-owners.ts'
import type { DeliveryService } from './features/delivery/delivery.service.ts'
import { MediaHashes } from './features/delivery/media-hashes.ts'
import type { MediaUrls } from './features/delivery/signing/media-urls.ts'
import type { MediaService } from './features/media/media.service.ts'
import type { MediaChanges } from './features/media/media-changes.service.ts'
import { MediaNames } from './features/media/media-names.ts'
import type { MediaPages } from './features/media/media-pages.ts'
import { PresentChanges } from './features/media/present-change.ts'
import type { RetentionRule } from './features/retention/expiry/retention-rules.ts'
import type { TypeRule } from './features/types/type-rules.ts'
import type { Foundation } from './foundation.ts'
import type { PictureParts } from './pictures.ts'
import type { PublicUrl } from './platform/public-url.ts'
import type { Uploads } from './uploads.ts'

/** What the APIs of others take less of than the gateway does, whether they are served or not. */
export const FACADE_TYPE_RULES: readonly TypeRule[] = [...bandwidthTypeRules, ...cmsTypeRules]

/** How long they keep what comes by them, where no rule of the operator says anything; whether they are served or not. */
export const FACADE_RETENTION_RULES: readonly RetentionRule[] = [bandwidthRetention]

export interface FacadeParts {
  readonly config: Config
  readonly foundation: Foundation
  readonly publicUrl: PublicUrl
  readonly admission: Admission
  readonly media: MediaService
  readonly pages: MediaPages
  readonly changes: MediaChanges
  readonly uploads: Uploads
  readonly delivery: DeliveryService
  readonly urls: MediaUrls
  readonly pictures: PictureParts
}

/** The APIs of others as the configuration wants them, each at its place. */
export function composeFacades(parts: FacadeParts): readonly FastifyPluginAsync[] {
  const { config, admission } = parts
  const facades = facadesOf(parts)
  const publicUrl = () => parts.publicUrl.base
  const corsOrigins = config.CORS_ORIGINS
  return config.FACADES.map(mount =>
    facadeDoor(facades[mount.name], mount, { admission, publicUrl, corsOrigins }),
  )
}

function facadesOf(parts: FacadeParts): Readonly<Record<FacadeName, Facade>> {
  const { foundation, uploads, urls } = parts
  const { database, clock } = foundation
  const { media, pages, changes, delivery } = parts
  const library = { media, pages, changes, delivery }
  return {
    vonage: vonageFacade({ ...library, imports: uploads.imports, uploads: uploads.by('vonage'), clock }),
    bandwidth: bandwidthFacade({
      ...library,
      names: new MediaNames({ database }),
      uploads: uploads.by('bandwidth'),
    }),
    cms: cmsFacade({ ...library, urls, uploads: uploads.by('cms') }),
    apizee: apizeeFacade({
      ...library,
      present: new PresentChanges({ media, changes }),
      owners: new NumberedOwners({ database }),
      hashes: new MediaHashes({ database }),
      thumbnails: parts.pictures.thumbnails,
    }),
  }
}
