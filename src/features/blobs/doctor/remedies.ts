import { rm } from 'node:fs/promises'
import { NO_ACCOUNT, recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { StoreEpochs } from '../epochs/store-epochs.ts'
import type { Contents, Look } from './contents.ts'
import type { Counts } from './counts.ts'
import type { Finding, FindingCode } from './findings.ts'
import type { Objects } from './objects.ts'

export interface RemediesDeps {
  readonly database: Database
  readonly storage: Storage
  readonly epochs: Pick<StoreEpochs, 'standing'>
  readonly contents: Contents
  readonly objects: Objects
  readonly counts: Counts
}

/** Mends one finding; false when it is none any more. Looks again right before, and may be done twice. */
type Remedy = (finding: Finding, look: Omit<Look, 'hash'>) => Promise<boolean>

/** What is done about findings: rows change their state, and only that goes which no row knows. */
export class Remedies {
  constructor(private readonly deps: RemediesDeps) {}

  /** Whether something was changed. A finding without a remedy is left as it is. */
  async mend(finding: Finding, look: Omit<Look, 'hash'> = {}): Promise<boolean> {
    if (finding.remedy === null) return false
    const remedy = this.#remedies[finding.code]
    const isMended = remedy ? await remedy(finding, look) : false
    if (isMended) await this.#record(finding)
    return isMended
  }

  /** Behind the remedy, which may be a deletion in a store: that, no transaction undoes. */
  #record({ code, subject, store }: Finding): Promise<void> {
    return recordChange(this.deps.database, {
      accountId: NO_ACCOUNT,
      action: 'doctor.repaired',
      subjectId: null,
      details: { code, subject, store },
    })
  }

  readonly #lose: Remedy = async ({ subject, code }, look) => {
    const { contents } = this.deps
    const blob = await contents.find(subject)
    if (blob?.state !== 'live') return false
    const still = await contents.wrongWith(blob, { ...look, hash: code === 'object-wrong-content' })
    if (!still || !LOSSES.has(still.code)) return false
    // Asked last: a disk that has gone away meanwhile has taken its epoch along.
    if (!(await this.#isOurs(blob.storeId))) return false
    return this.#turn(subject, 'live', 'lost')
  }

  readonly #revive: Remedy = async ({ subject }, look) => {
    const { contents } = this.deps
    const blob = await contents.find(subject)
    if (blob?.state !== 'lost') return false
    const still = await contents.wrongWith(blob, { ...look, hash: true })
    return still?.code === 'object-back' && this.#turn(subject, 'lost', 'live')
  }

  /** A key that no row knows: no row of it can come any more, since ids are never used twice and rows come before bytes. */
  readonly #remove: Remedy = async ({ subject, store }) => {
    if (store === null || !(await this.#isOurs(store)) || !(await this.deps.objects.isStranger(subject)))
      return false
    await this.deps.storage.delete({ storeId: store, key: subject })
    return true
  }

  readonly #remedies: Partial<Record<FindingCode, Remedy>> = {
    'object-missing': this.#lose,
    'object-wrong-size': this.#lose,
    'object-wrong-content': this.#lose,
    'object-back': this.#revive,
    'object-without-row': this.#remove,
    'unfinished-without-row': this.#remove,
    'sums-wrong': async ({ subject }) => this.deps.counts.mendSums(subject).then(() => true),
    'holds-wrong': async ({ subject }) => this.deps.counts.mendHolds(subject).then(() => true),
    'temp-folder-left': async ({ subject }) => rm(subject, { recursive: true, force: true }).then(() => true),
  }

  async #isOurs(store: string): Promise<boolean> {
    return (await this.deps.epochs.standing(store)).state === 'ours'
  }

  /** A blob that was deleted meanwhile is in neither state, and stays what it is. */
  async #turn(blobId: string, from: 'live' | 'lost', to: 'live' | 'lost'): Promise<boolean> {
    const turned = await this.deps.database.query(
      `UPDATE blob SET state = $3 WHERE id = $1 AND state = $2 RETURNING id`,
      [blobId, from, to],
    )
    return turned.length > 0
  }
}

const LOSSES: ReadonlySet<FindingCode> = new Set([
  'object-missing',
  'object-wrong-size',
  'object-wrong-content',
])
