import assert from 'node:assert/strict'
import { replaceContent } from '../support/replace.ts'
import { Client } from './client.ts'
import { newSeed, type Random } from './random.ts'
import { bytesOf, makeSpecimen } from './specimen.ts'

/** Contents differ in size, so that bytes of two would not even fit together; most are delivered in more than one piece. */
const SIZES = [10_000, 130_000] as const

export interface ReadTrial {
  /** The gateway that is read from. */
  readonly origin: string
  /** The gateway that is given the content of this number; the one that is read from, unless it says otherwise. */
  readonly replacedAt?: (version: number) => string
  /** Key and secret of one who may upload, replace and read. */
  readonly bearer: string
  /** So many read in a loop, each on a connection of its own. */
  readonly readers: number
  /** So many, one after the other; each begins with the answer to the one before. */
  readonly replacements: number
  readonly random: Random
  /** Told of each replacement that is answered. */
  readonly progress?: (answered: number) => void
  readonly deadline?: AbortSignal
}

interface Course {
  /** The media's contents by their SHA-256, in the order in which they are given to it. */
  readonly versions: ReadonlyMap<string, number>
  /** How many replacements have been answered. */
  answered: number
  reads: number
  /** Reads during which a replacement was answered: those that may get either content. */
  overtaken: number
  readonly seen: Set<number>
  readonly ended: AbortController
}

/**
 * Many read a media while its content is replaced again and again. Each answer must be one content as a whole, with the ETag
 * that is its SHA-256; a read that begins after the answer to a replacement must give that content or a later one. Gives
 * what was counted.
 */
export async function tryReads(trial: ReadTrial) {
  const contents = Array.from({ length: trial.replacements + 1 }, () =>
    makeSpecimen(newSeed(trial.random), trial.random.integer(...SIZES)),
  )
  const client = new Client(trial.origin, trial.bearer)
  const uploaded = await client.upload(contents[0] as (typeof contents)[number])
  assert(uploaded.kind === 'acknowledged', JSON.stringify(uploaded))
  const course: Course = {
    versions: new Map(contents.map(({ sha256 }, version) => [sha256, version])),
    answered: 0,
    reads: 0,
    overtaken: 0,
    seen: new Set(),
    ended: new AbortController(),
  }
  const read = () => readOnce(client, uploaded.id, course)
  const replaceAll = async () => {
    for (const [version, content] of contents.entries()) {
      if (version === 0) continue
      course.ended.signal.throwIfAborted()
      trial.deadline?.throwIfAborted()
      const url = trial.replacedAt?.(version) ?? trial.origin
      const target = { url, authorization: `Bearer ${trial.bearer}` }
      const part = { bytes: Buffer.concat([...bytesOf(content)]), fileName: content.name }
      const { media, userErrors } = await replaceContent(target, part, { id: uploaded.id })
      assert.equal(media?.contentVersion, version + 1, JSON.stringify(userErrors))
      course.answered = version
      trial.progress?.(version)
    }
  }
  await everybody(trial.readers, { course, read, replaceAll })
  const { reads, overtaken, seen } = course
  return { reads, overtaken, seen: seen.size }
}

interface Parts {
  readonly course: Course
  readonly read: () => Promise<void>
  readonly replaceAll: () => Promise<void>
}

/** Replacements begin when each reader has its first answer; each reader's last read begins after the last replacement. */
async function everybody(readers: number, { course, read, replaceAll }: Parts): Promise<void> {
  const ready = Promise.withResolvers<void>()
  let waiting = readers
  const readOn = async () => {
    await read()
    if (--waiting === 0) ready.resolve()
    while (!course.ended.signal.aborted) await read()
    await read()
  }
  const all = [ready.promise.then(replaceAll).then(() => course.ended.abort())]
  for (let reader = 0; reader < readers; reader++) all.push(readOn())
  try {
    await Promise.all(all)
  } finally {
    // One who has seen something wrong ends the trial; nobody reads on behind its back.
    course.ended.abort()
    ready.reject(new Error('the readers have not all begun'))
    await Promise.allSettled(all)
  }
}

async function readOnce(client: Client, id: string, course: Course): Promise<void> {
  const atLeast = course.answered
  const { etag, sha256 } = await client.read(id)
  const version = course.versions.get(sha256)
  assert(version !== undefined, 'a body that is none of the contents')
  assert.equal(etag, `"${sha256}"`, 'the ETag is that of other bytes')
  assert(version >= atLeast, `content ${version} was read after replacement ${atLeast} had been answered`)
  course.reads++
  if (course.answered > atLeast) course.overtaken++
  course.seen.add(version)
}
