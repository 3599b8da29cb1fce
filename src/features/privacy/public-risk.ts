import type { FileFacts } from '../insight/file-facts.ts'

/** What a file tells about people beside what it shows. */
export const PublicRisk = {
  GEOLOCATION: 'GEOLOCATION',
  DEVICE: 'DEVICE',
  PERSON: 'PERSON',
} as const
export type PublicRisk = keyof typeof PublicRisk

export const tellsPlace = ({ geolocation }: FileFacts): boolean => geolocation !== undefined

export const tellsDevice = ({ camera }: FileFacts): boolean =>
  Object.values(camera ?? {}).some(value => value !== undefined && value !== '')

const tellsPerson = ({ artist, document }: FileFacts): boolean => Boolean(artist || document?.author)

/** `isStripped`: whether the policy takes it out of what the public gets. Whose something is stays in. */
const RISKS = {
  GEOLOCATION: { tells: tellsPlace, isStripped: true },
  DEVICE: { tells: tellsDevice, isStripped: true },
  PERSON: { tells: tellsPerson, isStripped: false },
} satisfies Record<PublicRisk, { tells: (facts: FileFacts) => boolean; isStripped: boolean }>

/** What everybody would learn from the file if the media were public. */
export const publicRisks = (facts: FileFacts | null, strips: boolean): PublicRisk[] =>
  (Object.keys(RISKS) as PublicRisk[]).filter(
    risk => facts !== null && RISKS[risk].tells(facts) && !(strips && RISKS[risk].isStripped),
  )
