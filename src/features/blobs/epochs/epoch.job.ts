import type { Storage } from '../../../platform/storage/storage.ts'
import type { Sighting } from '../doctor/findings.ts'
import { inWords, sightingOfStanding } from '../doctor/judgement.ts'
import type { Inspections } from '../inspections.ts'
import type { StoreEpochs } from './store-epochs.ts'

export interface EpochJobDeps {
  readonly storage: Storage
  readonly epochs: Pick<StoreEpochs, 'begin'>
  readonly inspections: Inspections
  /** A store that is not this database's, in words. */
  readonly onBroken: (storeId: string, message: string) => void
  readonly onFailure: (storeId: string, error: unknown) => void
}

/** Begins an epoch of each store, as often as it is run: a backup that was taken before is then known for what it is. */
export class EpochJob {
  constructor(private readonly deps: EpochJobDeps) {}

  async run(): Promise<void> {
    const { storage, epochs, inspections, onBroken, onFailure } = this.deps
    const sightings: Sighting[] = []
    for (const store of storage.storeIds) {
      try {
        const standing = await epochs.begin(store)
        if (standing.state !== 'ours') onBroken(store, inWords(store, standing))
        const sighting = sightingOfStanding(store, standing)
        if (sighting) sightings.push(sighting)
      } catch (error) {
        onFailure(store, error)
      }
    }
    const findings = sightings.map(({ code, store = null }) => ({ code, store }))
    await inspections.note('epochs', { findings, bytesHashed: 0 })
  }
}
