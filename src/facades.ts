import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config.ts'
import { apizeeFacade } from './entrances/facades/apizee/apizee.routes.ts'
import { cmsFacade } from './entrances/facades/cms/cms.routes.ts'
import { cmsTypeRules } from './entrances/facades/cms/terms.ts'
import type { Facade, FacadeName } from './entrances/facades/facade.ts'
import { facadeDoor } from './entrances/facades/facade-door.ts'
import type { Admission } from './entrances/http/admission.ts'
import { NumberedOwners } from './features/access/numbered-owners.ts'
import type { DeliveryService } from './features/delivery/delivery.service.ts'
import { MediaHashes } from './features/delivery/media-hashes.ts'
import type { MediaUrls } from './features/delivery/signing/media-urls.ts'
import type { MediaService } from './features/media/media.service.ts'
import type { MediaChanges } from './features/media/media-changes.service.ts'
import type { MediaPages } from './features/media/media-pages.ts'
import { PresentChanges } from './features/media/present-change.ts'
import type { TypeRule } from './features/types/type-rules.ts'
import type { Foundation } from './foundation.ts'
import type { PictureParts } from './pictures.ts'
import type { PublicUrl } from './platform/public-url.ts'
import type { Uploads } from './uploads.ts'

/** What the APIs of others take less of than the gateway does, whether they are served or not. */
export const FACADE_TYPE_RULES: readonly TypeRule[] = [...cmsTypeRules]

export interface FacadeParts {
  readonly config: Config
  readonly foundation: Foundation
  readonly publicUrl: PublicUrl
  readonly admission: Admission
  readonly media: MediaService
  readonly pages: MediaPages
  readonly changes: MediaChanges
  readonly uploads: Uploads
  readonly urls: MediaUrls
  readonly delivery: DeliveryService
  readonly pictures: PictureParts
}

/** The APIs of others as the configuration wants them, each at its place. */
export function composeFacades(parts: FacadeParts): readonly FastifyPluginAsync[] {
  const { config, foundation, admission, media, pages, changes, uploads, urls, delivery } = parts
  const { database } = foundation
  const facades: Readonly<Partial<Record<FacadeName, () => Facade>>> = {
    cms: () => cmsFacade({ media, pages, changes, urls, ingest: uploads.by('cms') }),
    apizee: () =>
      apizeeFacade({
        media,
        pages,
        changes,
        present: new PresentChanges({ media, changes }),
        owners: new NumberedOwners({ database }),
        delivery,
        hashes: new MediaHashes({ database }),
        thumbnails: parts.pictures.thumbnails,
      }),
  }
  const publicUrl = () => parts.publicUrl.base
  return config.FACADES.flatMap(mount => {
    const facade = facades[mount.name]?.()
    return facade ? [facadeDoor(facade, mount, { admission, publicUrl })] : []
  })
}
