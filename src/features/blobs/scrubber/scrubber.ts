import { Pace } from '../../../platform/lib/pace.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import { type Contents, FIRST_ID, type KeptBlob, type Look } from '../doctor/contents.ts'
import type { Finding } from '../doctor/findings.ts'
import { judge } from '../doctor/judgement.ts'
import type { Objects } from '../doctor/objects.ts'
import type { Remedies } from '../doctor/remedies.ts'
import { Sightings } from '../doctor/sightings.ts'
import type { StoreEpochs } from '../epochs/store-epochs.ts'
import type { Inspections } from '../inspections.ts'
import { FOLDERS, folderPrefix, type ScrubPositions } from './scrub-positions.ts'

export interface ScrubberDeps {
  readonly storage: Storage
  readonly epochs: Pick<StoreEpochs, 'standing'>
  readonly contents: Contents
  readonly objects: Objects
  readonly remedies: Remedies
  readonly positions: ScrubPositions
  readonly inspections: Inspections
  /** Blobs of each store that are read in one run; 0 for none. */
  readonly sample: number
  readonly maxBytes: number
  readonly bytesPerSecond: number
  /** Runs in which everything is compared once; 0 for never. */
  readonly days: number
  /** Told of each finding; `lost` says that its blob was taken out of service. */
  readonly onFinding: (finding: Finding, lost: boolean) => void
  /** A store could not be looked at. */
  readonly onFailure: (storeId: string, error: unknown) => void
}

export interface Scrubbed {
  blobs: number
  objects: number
  blobsHashed: number
  bytesHashed: number
  lost: number
}

interface Run {
  readonly look: Look
  readonly done: Scrubbed
  readonly findings: Finding[]
  readonly signal: AbortSignal
  /** Bytes that may still be read. */
  budget: number
}

/** Shorter than the four hours after which a job is taken for dead and begun at another node: two would read twice. */
const MOST_MS = 3 * 60 * 60 * 1000

/**
 * Looks through the stores in the background: a random sample is read, a part of the rows is looked for in the store and a part of the
 * objects in the database, and the next run goes on where it ended. What is lost is taken out of service; nothing is ever deleted.
 */
export class Scrubber {
  constructor(private readonly deps: ScrubberDeps) {}

  /** One run; ends early, without an error, when the signal says so or the night is over. */
  async run(stopped?: AbortSignal): Promise<Scrubbed> {
    const signal = AbortSignal.any([AbortSignal.timeout(MOST_MS), ...(stopped ? [stopped] : [])])
    const done: Scrubbed = { blobs: 0, objects: 0, blobsHashed: 0, bytesHashed: 0, lost: 0 }
    const run: Run = {
      done,
      findings: [],
      signal,
      look: this.#look(done, signal),
      budget: this.deps.maxBytes,
    }
    for (const storeId of this.deps.storage.storeIds) {
      try {
        await this.#scrub(storeId, run)
      } catch (error) {
        if (signal.aborted) break
        this.deps.onFailure(storeId, error)
      }
    }
    const { findings } = run
    await this.deps.inspections.note('scrubber', { findings, bytesHashed: done.bytesHashed })
    return done
  }

  #look(done: Scrubbed, signal: AbortSignal): Look {
    const onBytes = (count: number) => {
      done.bytesHashed += count
    }
    return { hash: true, signal, onBytes, pace: new Pace(this.deps.bytesPerSecond) }
  }

  async #scrub(storeId: string, run: Run): Promise<void> {
    const standing = await this.deps.epochs.standing(storeId)
    const sightings = new Sightings()
    const before = { ...run.done }
    try {
      if (this.deps.days > 0) {
        await this.#compareBlobs(storeId, run, sightings)
        await this.#compareObjects(storeId, run, sightings)
      }
      await this.#readSample(storeId, run, sightings)
    } finally {
      // What was seen before the store failed or the run was stopped counts as well.
      const blobs = run.done.blobs + run.done.blobsHashed - before.blobs - before.blobsHashed
      const seen = { standing, blobs, objects: run.done.objects - before.objects }
      const circumstances = { stores: new Map([[storeId, seen]]), sightings, allowMany: false }
      for (const sighting of sightings.named) await this.#settle(judge(sighting, circumstances), run)
    }
  }

  /** Of what was found only losses are acted on: they must not be served. Everything else waits for `doctor --repair`. */
  async #settle(finding: Finding, run: Run): Promise<void> {
    const lost =
      finding.invariant === 'I1' && finding.code !== 'object-back' && (await this.deps.remedies.mend(finding))
    if (lost) run.done.lost++
    run.findings.push(finding)
    this.deps.onFinding(finding, lost)
  }

  async #compareBlobs(storeId: string, { done, look, signal }: Run, sightings: Sightings): Promise<void> {
    const { contents, positions, days } = this.deps
    const position = await positions.of(storeId)
    const starts = new Set([position.afterBlob, FIRST_ID])
    let left = Math.ceil((await contents.countLive(storeId)) / days)
    // The end of the rows is followed by their beginning.
    for (let last of starts) {
      for await (const blobs of contents.blobs(storeId, last)) {
        for (const blob of blobs.slice(0, left)) {
          signal.throwIfAborted()
          const wrong = await contents.wrongWith(blob, { ...look, hash: blob.state === 'lost' })
          if (wrong) sightings.add(wrong)
          last = blob.id
          left--
          done.blobs++
        }
        await positions.save(storeId, { ...position, afterBlob: last })
        if (left <= 0) return
      }
    }
  }

  async #compareObjects(storeId: string, { done, signal }: Run, sightings: Sightings): Promise<void> {
    const { objects, positions, days } = this.deps
    for (let left = Math.ceil(FOLDERS / days); left > 0; left--) {
      const position = await positions.of(storeId)
      for await (const batch of objects.strangers(storeId, folderPrefix(position.nextFolder))) {
        signal.throwIfAborted()
        sightings.add(...batch.sightings)
        done.objects += batch.count
      }
      await positions.save(storeId, { ...position, nextFolder: (position.nextFolder + 1) % FOLDERS })
    }
  }

  async #readSample(storeId: string, run: Run, sightings: Sightings): Promise<void> {
    const { contents, sample } = this.deps
    if (sample === 0) return
    for (const blob of await contents.sample(storeId, sample)) {
      run.signal.throwIfAborted()
      if (!this.#affords(blob, run)) continue
      const wrong = await contents.wrongWith(blob, run.look)
      if (wrong) sightings.add(wrong)
      run.done.blobsHashed++
    }
  }

  /** A blob that is larger than what is left of the night is left for another one, unless it is the first: then its turn has come. */
  #affords({ size }: KeptBlob, run: Run): boolean {
    if (size > run.budget && run.budget < this.deps.maxBytes) return false
    run.budget -= size
    return true
  }
}
