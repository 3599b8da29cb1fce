import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type OwnCephRgw, RGW_KEY, startCephRgw } from '../../support/ceph-rgw.ts'
import { audit } from '../audit.ts'
import { forget } from '../forget.ts'
import type { Environment } from '../gateway-process.ts'
import type { Facts, Lab } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen, type Specimen } from '../specimen.ts'
import { type Attempt, attempt, expectListed } from './attempt.ts'
import { Bucket } from './bucket.ts'
import type { FaultName, Told } from './faults.ts'
import { readFrom, readThrough } from './reads.ts'
import { type Judge, S3Proxy } from './s3-proxy.ts'
import { hostOf, WAYS, type Way } from './ways.ts'

/** How files are stored: as one object by one PUT, in two parts, or in more. */
export const SIZES = { small: 300_000, medium: 10_000_000, large: 20_000_000 } as const
export type Size = keyof typeof SIZES

/** A busy machine, with a store of its own besides, may pause for longer than the others' two seconds. */
export const STORE_LEASE_SECONDS = 5

export interface UploadTrial {
  readonly fault: FaultName
  readonly way: Way
  readonly size: Size
  readonly judge: Judge
  readonly seed: number
  /** Done after the fault, before the client tries again. */
  readonly heal?: () => Promise<void>
  /** How long it may be refused even then; without it the next try succeeds. */
  readonly patienceMs?: number
}

const PAUSE_MS = 1_000

export interface StoredMedia {
  readonly id: string
  readonly specimen: Specimen
}

/** An installation whose bytes lie in a bucket of its own, with a proxy in between that breaks what it is told to. */
export class StoreSite {
  readonly site: Site
  readonly proxy: S3Proxy
  readonly bucket: Bucket
  readonly #told: Record<string, number> = {}

  private constructor(site: Site, proxy: S3Proxy, bucket: Bucket) {
    this.site = site
    this.proxy = proxy
    this.bucket = bucket
  }

  /** A new one at this store; what it opens is closed with `opened`. */
  static async create(
    rgw: OwnCephRgw,
    {
      newSite,
      opened,
    }: { newSite: (environment: Environment) => Promise<Site>; opened: AsyncDisposableStack },
  ): Promise<StoreSite> {
    const proxy = opened.use(await S3Proxy.open(rgw.endpoint))
    const bucket = opened.use(new Bucket(rgw.endpoint, `faults-${randomBytes(4).toString('hex')}`))
    const site = await newSite({
      STORAGE_URL: `s3://${bucket.name}/files?endpoint=${proxy.endpoint}&forcePathStyle=true&createBucket=true`,
      UPLOAD_LEASE_SECONDS: String(STORE_LEASE_SECONDS),
      AWS_ACCESS_KEY_ID: RGW_KEY.id,
      AWS_SECRET_ACCESS_KEY: RGW_KEY.secret,
    })
    return new StoreSite(site, proxy, bucket)
  }

  /** One that runs, with a store of its own. */
  static async open(
    { newSite, database, opened }: Lab,
    environment: Environment = {},
  ): Promise<{ store: StoreSite; rgw: OwnCephRgw }> {
    const rgw = opened.use(await startCephRgw())
    const own = { ...environment, DATABASE_URL: await database() }
    const store = await StoreSite.create(rgw, { newSite: given => newSite({ ...own, ...given }), opened })
    await store.site.start()
    return { store, rgw }
  }

  /**
   * One upload that meets the fault. What its client is told is listed; told anything but success, it tries again when the fault is
   * over, and then has its media. Either way the bytes are read again. Gives what was told first.
   */
  async tryUpload(trial: UploadTrial): Promise<Told> {
    const { fault, way, size, judge, seed, heal, patienceMs = 0 } = trial
    const specimen = makeSpecimen(seed, SIZES[size])
    const sender = WAYS[way](specimen)
    const send = () => {
      this.site.journal.append({ event: 'begun', specimen })
      return attempt(() => sender.send(this.site))
    }
    this.proxy.breakBy(judge)
    const first = expectListed(fault, 'upload', await send())
    this.#note('uploads', first)
    assert(this.proxy.struck > 0, `${fault} did not meet ${way} of a ${size} file`)
    await this.#heal(heal)
    const until = Date.now() + patienceMs
    let last = first.told === 'success' ? first : await send()
    while (last.told === 'STORAGE_UNAVAILABLE' && Date.now() < until) {
      await delay(PAUSE_MS)
      last = await send()
    }
    assert(last.told === 'success', `${way}, after ${fault}: ${JSON.stringify(last)}`)
    this.site.journal.append({ event: 'acknowledged', name: specimen.name, id: last.result })
    assert.equal(await readThrough(await hostOf(this.site), last.result, specimen), 0)
    return first.told
  }

  /** One download that meets the fault; where it breaks, the client goes on by a range, and has the bytes that were sent. */
  async tryDownload(fault: FaultName, media: StoredMedia, judge: Judge): Promise<Told> {
    this.proxy.breakBy(judge)
    const { told } = await this.download(fault, media)
    assert(this.proxy.struck > 0, `${fault} did not meet the download`)
    await this.#heal()
    await readThrough(await hostOf(this.site), media.id, media.specimen)
    return told
  }

  /** Downloads until the end, or a break, or a refusal, which must be listed. */
  async download(fault: FaultName, { id, specimen }: StoredMedia): Promise<Attempt<void>> {
    const host = await hostOf(this.site)
    const attempted = expectListed(
      fault,
      'download',
      await attempt(async () => {
        const { isBroken } = await readFrom(host, { id, size: specimen.size })
        if (isBroken) throw new Error('fewer bytes than were announced')
      }),
    )
    this.#note('downloads', attempted)
    return attempted
  }

  /** A file that is there. */
  async stored(seed: number, size: Size): Promise<StoredMedia> {
    const specimen = makeSpecimen(seed, SIZES[size])
    const outcome = await this.site.upload(specimen)
    assert(outcome.kind === 'acknowledged', JSON.stringify(outcome))
    return { id: outcome.id, specimen }
  }

  /** Holds what is there against the journal, by the reaper and the doctor too, and forgets it, but for what is kept. */
  async prove(kept: readonly StoredMedia[] = []): Promise<void> {
    await this.#heal()
    await audit(this.site)
    await forget(
      this.site,
      kept.map(({ id }) => id),
    )
  }

  /** As `prove`, when nobody is to go on with anything: then nothing in the bucket is unfinished. Gives counts for the report. */
  async settle(): Promise<Facts> {
    await this.prove()
    assert.deepEqual(await this.bucket.unfinished(), [], 'something unfinished lies in the bucket')
    return this.#told
  }

  /** Ends the fault; the gateway, asked whether it is ready, finds that its store is back and calls it again. */
  async #heal(also?: () => Promise<void>): Promise<void> {
    this.proxy.heal()
    await also?.()
    while ((await this.site.client.ready()) !== 200) await delay(PAUSE_MS)
  }

  #note(what: string, { told }: Attempt<unknown>): void {
    const fact = `${what} told: ${told}`
    this.#told[fact] = (this.#told[fact] ?? 0) + 1
  }
}
