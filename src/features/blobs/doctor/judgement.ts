import type { Standing } from '../epochs/store-epochs.ts'
import { FINDINGS, type Finding, type FindingKind, type Need, type Sighting } from './findings.ts'
import type { Sightings } from './sightings.ts'

/** What was looked at in a store, and how it stands to the database. */
export interface StoreSeen {
  readonly standing: Standing
  readonly blobs: number
  readonly objects: number
}

export interface Circumstances {
  readonly stores: ReadonlyMap<string, StoreSeen>
  readonly sightings: Sightings
  /** Whether an operator has said that there may be many. */
  readonly allowMany: boolean
}

const DAY_MS = 86_400_000
/** What has no row is left alone for so long. */
const OLD_MS = 7 * DAY_MS
/** More than so many of a kind, and more than this share of what was looked at, are no accident of single objects. */
const FEW = { count: 5, share: 0.01 } as const

/** What is seen in a store's blobs, and among its objects: each counted together, since one cause damages in many ways. */
const OF_BLOBS = ['object-missing', 'object-wrong-size', 'object-wrong-content'] as const
const OF_OBJECTS = ['object-without-row', 'unfinished-without-row'] as const

/** Says of each sighting whether its remedy is safe now, and if not, why not and what to do. */
export function judge(sighting: Sighting, circumstances: Circumstances): Finding {
  const kind: FindingKind = FINDINGS[sighting.code]
  const refusal = kind.remedy === null ? null : refusalOf(sighting, kind, circumstances)
  return {
    code: sighting.code,
    invariant: kind.invariant,
    store: sighting.store ?? null,
    subject: sighting.subject,
    message: sighting.message,
    remedy: refusal === null ? kind.remedy : null,
    refusal,
  }
}

function refusalOf(sighting: Sighting, { needs }: FindingKind, circumstances: Circumstances): string | null {
  for (const need of needs) {
    const why = REFUSALS[need](sighting, circumstances)
    if (why !== null) return why
  }
  return null
}

const REFUSALS: Readonly<Record<Need, (sighting: Sighting, circumstances: Circumstances) => string | null>> =
  {
    ours: ({ store = '' }, { stores }) => whyNotOurs(store, stores.get(store)?.standing),
    few: (sighting, { stores, sightings, allowMany }) => {
      const { store = '' } = sighting
      const seen = stores.get(store)
      const isOfBlob = OF_BLOBS.some(code => code === sighting.code)
      const count = sightings.count(store, ...(isOfBlob ? OF_BLOBS : OF_OBJECTS))
      const all = (isOfBlob ? seen?.blobs : seen?.objects) ?? 0
      if (allowMany || count <= Math.max(FEW.count, FEW.share * all)) return null
      return isOfBlob
        ? `${count} of ${all} blobs in the store ${store} are damaged, which speaks for a wrong or half mounted store: look at it first. If they are lost indeed, run again with --allow-many.`
        : `${count} of ${all} objects in the store ${store} have no row, which speaks for a wrong database: look at it first. If they are garbage indeed, run again with --allow-many.`
    },
    old: ({ age }) => {
      if (age === undefined) return 'Nothing tells how old it is: look at it, and remove it by hand.'
      return age >= OLD_MS ? null : `It is younger than ${OLD_MS / DAY_MS} days: leave it for a later run.`
    },
  }

/** Null when the store's last epoch is ours. */
function whyNotOurs(store: string, standing: Standing | undefined): string | null {
  if (standing?.state === 'ours') return null
  return `${standing ? inWords(store, standing) : `The store ${store} was not asked for its epoch.`} Nothing of it is repaired.`
}

const ADOPT = (store: string) =>
  `If the store ${store} belongs to this database as it is, say so: media-gateway doctor --adopt ${store}`

/** How a store stands to the database, and what to do about it; empty when it is in order. */
export function inWords(store: string, standing: Standing): string {
  switch (standing.state) {
    case 'ours':
      return ''
    case 'new':
      return `The store ${store} has never had an epoch, and holds what this database does not know or too much to look through. ${ADOPT(store)}`
    case 'unmarked':
      return `The store ${store} has none of the epochs that this database has begun there: it may be another place, or a disk that is not mounted. ${ADOPT(store)}`
    case 'ahead':
      return `The store ${store} knows an epoch that this database does not (${standing.epochs.join(', ')}): the database is an older backup, or another one uses the store. Restore the newest state of the database first. What is uploaded after a backup has no row, and its bytes are only here. ${ADOPT(store)}; then objects without a row are garbage.`
    case 'twin':
      return `The stores ${store} and ${standing.of} are one place: take one of them out of the configuration.`
  }
}

/** What the standing itself breaks: I14. A store that never had an epoch breaks nothing. */
export function sightingOfStanding(store: string, standing: Standing): Sighting | null {
  if (standing.state === 'ours' || standing.state === 'new') return null
  return { code: `store-${standing.state}`, store, subject: store, message: inWords(store, standing) }
}
