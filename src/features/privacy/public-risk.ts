import type { FileFacts } from '../insight/file-facts.ts'
import { redactabilityOf } from './redaction/redactors.ts'

/** What a file tells about people beside what it shows. */
export const PublicRisk = {
  GEOLOCATION: 'GEOLOCATION',
  DEVICE: 'DEVICE',
  PERSON: 'PERSON',
} as const
export type PublicRisk = keyof typeof PublicRisk

type Tells = (facts: FileFacts) => boolean

export const tellsPlace: Tells = ({ geolocation, alsoTells }) =>
  geolocation !== undefined || alsoTells?.place === true

export const tellsDevice: Tells = ({ camera, alsoTells }) =>
  Object.values(camera ?? {}).some(value => value !== undefined && value !== '') || alsoTells?.device === true

/** Whose something is stays in; whose camera it was made with goes. */
const tellsAuthor: Tells = ({ artist, document }) => Boolean(artist || document?.author)
export const tellsOwner: Tells = ({ alsoTells }) => alsoTells?.owner === true

/** What of it the policy takes out, or withholds the whole for, and what the public gets in any case. */
const RISKS = {
  GEOLOCATION: { taken: tellsPlace },
  DEVICE: { taken: tellsDevice },
  PERSON: { taken: tellsOwner, left: tellsAuthor },
} satisfies Record<PublicRisk, { taken: Tells; left?: Tells }>

/** What everybody would learn from the file if the media were public: the policy takes nothing out of types that are served as they are. */
export function publicRisks(
  facts: FileFacts | null,
  { mimeType, strips }: { readonly mimeType: string; readonly strips: boolean },
): PublicRisk[] {
  if (facts === null) return []
  const isTaken = strips && redactabilityOf(mimeType) !== 'plain'
  const rows: [string, { taken: Tells; left?: Tells }][] = Object.entries(RISKS)
  return rows
    .filter(([, { taken, left }]) => left?.(facts) || (!isTaken && taken(facts)))
    .map(([risk]) => risk as PublicRisk)
}
