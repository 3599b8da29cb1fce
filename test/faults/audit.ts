import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { ListedMedia } from './client.ts'
import type { Account } from './journal.ts'
import type { Site } from './site.ts'

/** What an audit has seen; all of it was in order. */
export interface Audit {
  /** Acknowledged uploads that were downloaded and compared. */
  readonly acknowledged: number
  /** Uploads that nobody promised and that are there, whole. */
  readonly whole: number
  /** Blobs that the reaper removed. */
  readonly removed: number
}

/** Codes after which an upload may still turn out to be there: they say that it is not known. */
const UNKNOWN = new Set(['SERVICE_UNAVAILABLE'])
/** A reaper that was killed keeps others from the blobs that it had claimed for a minute. */
const CLAIM_MS = 75_000

/**
 * Holds the gateway, which must run, against the client's journal, once its leases have run out and the reaper has been
 * there: the doctor finds nothing, so that what the account uses is the sum of its blobs, and nothing is held for anybody; what was acknowledged is there, byte for byte; what was not is whole or not there.
 */
export async function audit(site: Site): Promise<Audit> {
  await site.leasesRunOut()
  const removed = await reap(site)
  assert.equal(await site.client.reserved(), 0, 'bytes are held for uploads that are not under way')
  const listed = new Map<string, ListedMedia>()
  for (const media of await site.client.list()) {
    assert(!listed.has(media.originalFileName), `${media.originalFileName} is there twice`)
    listed.set(media.originalFileName, media)
  }
  const accounts = site.journal.accounts()
  for (const name of listed.keys()) assert(accounts.has(name), `${name} is there, and nobody has uploaded it`)
  let acknowledged = 0
  for (const [name, account] of accounts) {
    const media = listed.get(name)
    checkPresence(account, media)
    if (!media) continue
    await checkBytes(site, account, media)
    if (account.id) acknowledged++
  }
  return { acknowledged, whole: listed.size - acknowledged, removed }
}

interface Diagnosis {
  readonly findings: readonly unknown[]
  readonly awaitingReaper: number
}

/** The doctor must find nothing; gives how many blobs await the reaper. */
export async function examine(site: Site): Promise<number> {
  const { findings, awaitingReaper } = (await site.command('doctor')) as Diagnosis
  assert.deepEqual(findings, [], 'the doctor found something')
  return awaitingReaper
}

async function reap(site: Site): Promise<number> {
  const deadline = Date.now() + CLAIM_MS
  for (let removed = 0; ; ) {
    const reaped = (await site.command('reap')) as { removed: number; failed: number }
    assert.equal(reaped.failed, 0, `the reaper failed: ${JSON.stringify(reaped)}`)
    removed += reaped.removed
    const left = await examine(site)
    if (left === 0) return removed
    assert(Date.now() < deadline, `${left} blobs still await the reaper`)
    await delay(3_000)
  }
}

function checkPresence({ specimen, id, refused, deletion }: Account, media: ListedMedia | undefined): void {
  const { name } = specimen
  if (id && !deletion) assert.equal(media?.id, id, `${name} was acknowledged and is not there`)
  if (deletion === 'done') assert.equal(media, undefined, `${name} was deleted and is there`)
  if (refused && !UNKNOWN.has(refused))
    assert.equal(media, undefined, `${name} was refused (${refused}) and is there`)
}

async function checkBytes(site: Site, { specimen }: Account, media: ListedMedia): Promise<void> {
  const { name, size, sha256 } = specimen
  assert.deepEqual(
    { size: Number(media.size), sha256: media.sha256 },
    { size, sha256 },
    `${name} is described wrongly`,
  )
  assert.equal(await site.client.download(media.id), sha256, `${name} is delivered with other bytes`)
}
