import type { Sql } from '../../../platform/db/database.ts'
import type { Fault } from '../../../platform/fault.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { Standing, StoreEpochs } from '../epochs/store-epochs.ts'
import type { Contents } from './contents.ts'
import type { Counts } from './counts.ts'
import type { Finding } from './findings.ts'
import { judge, type StoreSeen, sightingOfStanding } from './judgement.ts'
import type { Objects } from './objects.ts'
import type { PurgeFindings } from './purge-findings.ts'
import type { Remedies } from './remedies.ts'
import { picker, type Sample } from './sample.ts'
import { Sightings } from './sightings.ts'

export interface ExaminationOptions {
  /** Compares sizes only and reads no bytes. */
  readonly quick?: boolean
  /** So many blobs are read, chosen at random, and of the others the sizes compared. Without it all are read. */
  readonly sample?: Sample
  /** Looks at this store alone; sums, holds, purges and temp folders are of no store. */
  readonly store?: string
  /** Hears of every batch. */
  readonly onProgress?: (message: string) => void
}

export interface RepairOptions extends ExaminationOptions {
  /** Repairs also where so much is wrong that it looks like a wrong store or database. */
  readonly allowMany?: boolean
}

export interface Report {
  readonly checked: {
    readonly blobs: number
    readonly objects: number
    readonly accounts: number
    readonly bytesHashed: number
  }
  /** How each store stands to the database. */
  readonly stores: Readonly<Record<string, Standing['state']>>
  /** Broken-off uploads and deletions that the reaper will clear: no breach. */
  readonly awaitingReaper: number
  /** Blobs whose loss is known: their downloads say so. */
  readonly lost: number
  /** What is wrong; after a repair, what still is. */
  readonly findings: readonly Finding[]
  /** What a repair has mended. */
  readonly repaired: readonly Finding[]
  /** Findings beyond those that are named. */
  readonly unnamed: number
}

export interface DoctorDeps {
  readonly database: Sql
  readonly storage: Storage
  readonly epochs: StoreEpochs
  readonly contents: Contents
  readonly objects: Objects
  readonly counts: Counts
  readonly purges: PurgeFindings
  readonly remedies: Remedies
  readonly fault: Fault
  /** Temp folders whose process is gone. */
  readonly abandonedTempFolders: () => Promise<readonly string[]>
}

interface Checked {
  blobs: number
  objects: number
  accounts: number
  bytesHashed: number
}

/**
 * Compares database and stores from both sides, also beside a running gateway: what changes under its hands is looked at again before
 * it is reported. Rejects with STORAGE_UNAVAILABLE when a store cannot be used.
 */
export class Doctor {
  constructor(private readonly deps: DoctorDeps) {}

  /** Changes nothing; says what `repair` would do. */
  async examine(options: ExaminationOptions = {}): Promise<Report> {
    return this.#look(options)
  }

  /**
   * Examines, and mends what is safe to mend. Whatever it is killed at, the next repair goes on: each remedy is one step that looks
   * again before.
   */
  async repair(options: RepairOptions = {}): Promise<Report> {
    for (const store of this.#stores(options)) await this.deps.epochs.begin(store)
    const report = await this.#look(options)
    const repaired: Finding[] = []
    const findings: Finding[] = []
    for (const finding of report.findings) {
      if (finding.remedy === null) findings.push(finding)
      else if (await this.#mend(finding, repaired.length + 1)) {
        repaired.push(finding)
        options.onProgress?.(`repaired: ${finding.message}`)
      }
    }
    return { ...report, findings, repaired, lost: await this.#lost() }
  }

  async #mend(finding: Finding, number: number): Promise<boolean> {
    const { fault, remedies } = this.deps
    await fault.hit('D1.beforeRepair', number)
    const mended = await remedies.mend(finding)
    await fault.hit('D2.afterRepair', number)
    return mended
  }

  async #look(options: RepairOptions): Promise<Report> {
    const { counts, purges } = this.deps
    const sightings = new Sightings()
    const checked = { blobs: 0, objects: 0, accounts: 0, bytesHashed: 0 }
    const stores = new Map<string, StoreSeen>()
    for (const store of this.#stores(options)) {
      const standing = await this.deps.epochs.foresee(store)
      const broken = sightingOfStanding(store, standing)
      if (broken) sightings.add(broken)
      const before = { ...checked }
      await this.#blobs(store, options, { sightings, checked })
      await this.#objects(store, options, { sightings, checked })
      const { blobs, objects } = checked
      stores.set(store, { standing, blobs: blobs - before.blobs, objects: objects - before.objects })
    }
    if (options.store === undefined) {
      checked.accounts = await counts.accounts()
      sightings.add(...(await counts.wrongSums()), ...(await counts.wrongHolds()))
      sightings.add(...(await purges.unfinished()), ...(await purges.leftovers()))
      await this.#strayRows(sightings)
      for (const folder of await this.deps.abandonedTempFolders()) {
        const message = `temp folder ${folder} belongs to no running process`
        sightings.add({ code: 'temp-folder-left', subject: folder, message })
      }
    }
    const circumstances = { stores, sightings, allowMany: options.allowMany ?? false }
    return {
      checked,
      stores: Object.fromEntries([...stores].map(([store, { standing }]) => [store, standing.state])),
      awaitingReaper: await this.#count(
        `(state = 'staged' AND lease_until < clock_timestamp()) OR state = 'doomed'`,
      ),
      lost: await this.#lost(),
      findings: sightings.named.map(sighting => judge(sighting, circumstances)),
      repaired: [],
      unnamed: sightings.unnamed,
    }
  }

  async #blobs(store: string, options: ExaminationOptions, seen: Seen): Promise<void> {
    const { contents } = this.deps
    const { checked, sightings } = seen
    const isPicked = options.quick ? () => false : picker(options.sample, await contents.countLive(store))
    const onBytes = (count: number) => {
      checked.bytesHashed += count
    }
    for await (const blobs of contents.blobs(store)) {
      for (const blob of blobs) {
        const isLive = blob.state === 'live'
        const hash = isLive ? isPicked() : !options.quick
        const wrong = await contents.wrongWith(blob, { hash, onBytes })
        if (wrong) sightings.add(wrong)
        if (isLive) checked.blobs++
      }
      options.onProgress?.(`${checked.blobs} blobs compared with the store`)
    }
  }

  async #objects(
    store: string,
    { onProgress }: ExaminationOptions,
    { checked, sightings }: Seen,
  ): Promise<void> {
    const { objects } = this.deps
    for await (const batch of objects.strangers(store)) {
      sightings.add(...batch.sightings)
      checked.objects += batch.count
      onProgress?.(`${checked.objects} objects compared with the database`)
    }
    sightings.add(...(await objects.leftovers(store)))
  }

  /** Blobs of stores that nobody can ask. */
  async #strayRows(sightings: Sightings): Promise<void> {
    const rows = await this.deps.database.query<{ store: string; n: number }>(
      `SELECT store_id AS store, count(*)::int AS n FROM blob
       WHERE state = 'live' AND NOT store_id = ANY ($1) GROUP BY store_id`,
      [this.deps.storage.storeIds],
    )
    for (const { store, n } of rows) {
      const message = `${n} live blobs lie in the store ${store}, which is not configured`
      sightings.add({ code: 'store-not-configured', store, subject: store, message })
    }
  }

  #stores({ store }: ExaminationOptions): readonly string[] {
    return store === undefined ? this.deps.storage.storeIds : [store]
  }

  #lost(): Promise<number> {
    return this.#count(`state = 'lost'`)
  }

  async #count(condition: string): Promise<number> {
    const [row] = await this.deps.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM blob WHERE ${condition}`,
    )
    return row?.n ?? 0
  }
}

interface Seen {
  readonly checked: Checked
  readonly sightings: Sightings
}
