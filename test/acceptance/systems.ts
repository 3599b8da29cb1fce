import { PROMISES as APIZEE } from './apizee/promises.ts'
import { PROMISES as BANDWIDTH } from './bandwidth/promises.ts'
import { PROMISES as CMS } from './cms/promises.ts'
import type { Promises, System } from './promise.ts'
import { PROMISES as VONAGE } from './vonage/promises.ts'

/** What is promised to clients of each API, and the folder below this one where its tests are. */
export const SYSTEMS = {
  VONAGE: { title: 'Vonage Media API v3', folder: 'vonage', promises: VONAGE },
  BANDWIDTH: { title: 'Bandwidth Messaging media v2', folder: 'bandwidth', promises: BANDWIDTH },
  CMS: { title: 'Contentive CMS media', folder: 'cms', promises: CMS },
  APIZEE: { title: 'Apizee medias v3', folder: 'apizee', promises: APIZEE },
} as const satisfies { [S in System]: { title: string; folder: string; promises: Promises<S> } }
