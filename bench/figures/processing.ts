import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, Row } from '../figure.ts'
import { AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { type Call, read } from '../http-client.ts'
import { uploadImage } from '../media-client.ts'
import { MemoryWatch } from '../memory-watch.ts'
import { memoryOf } from '../proc.ts'
import { interleaved, spreadOf } from '../spread.ts'

const MIB = 2 ** 20
const IMAGES = 1_000
const UPLOADS_AT_ONCE = 4
const PAUSE_MS = 20
const IDLE_REQUESTS = 1_000
const MEMORY_MIB = 128
const FIXTURES = new URL('../../test/fixtures/', import.meta.url)
const SAMPLE = new URL('photo-iphone-gps.jpg', FIXTURES)
const BAD = readdirSync(FIXTURES).filter(
  name => /^(bad|bomb|hostile)-?/.test(name) && name !== 'bad-empty.jpg',
)
const PAGE = `{ mediaItems(first: 20) { nodes { id originalFileName status size width height createdAt tags } } }`

/** What is noticed of files that are examined and get their pictures. */
export async function processing(bench: Bench): Promise<Row[]> {
  return [...(await beside(bench)), ...(await hostile(bench))]
}

/** What files that were made to hurt cost, one after the other, each from its upload until nothing more is done with it. */
async function hostile({ rounds, progress }: Bench): Promise<Row[]> {
  await using gateway = await startGateway()
  const examined = async (file: URL) => {
    const began = performance.now()
    await uploadImage(gateway, await readFile(file))
    while ((await unfinished(gateway)) > 0) await delay(PAUSE_MS)
    return (performance.now() - began) / 1_000
  }
  await examined(SAMPLE)
  const memory = await MemoryWatch.start(gateway.server.pid)
  const slowest: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const seconds = await memory.during(async () => {
      const all: number[] = []
      for (const name of BAD) all.push(await examined(new URL(name, FIXTURES)))
      return all
    })
    slowest.push(Math.max(...seconds))
    progress(`hostile files, round ${round}: ${slowest.at(-1)?.toFixed(1)} s at most`)
  }
  return [
    {
      figure: 'the slowest of the malformed and hostile files of the tests, from upload to an end',
      unit: 's',
      ours: spreadOf(slowest),
      atMost: 10,
    },
    { ...memory.row('memory of the gateway above idle meanwhile'), atMost: MEMORY_MIB },
  ]
}

/** What the API's clients notice of 1 000 photos that are probed and get their thumbnails beside them. */
async function beside({ rounds, progress }: Bench): Promise<Row[]> {
  const photo = await readFile(SAMPLE)
  const seconds: number[] = []
  const grown: number[] = []
  const latencies = await interleaved(rounds, async round => {
    await using gateway = await startGateway()
    const page: Call = {
      url: `${gateway.server.origin}/graphql`,
      method: 'POST',
      headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ query: PAGE })),
    }
    await percentile99(page, async done => done < IDLE_REQUESTS / 2)
    const baseline = await percentile99(page, async done => done < IDLE_REQUESTS)
    const before = (await memoryOf(gateway.server.pid)).rss
    await uploadAll(gateway, photo)
    const began = performance.now()
    const left = await unfinished(gateway)
    let highest = 0
    const ours = await percentile99(page, async done => {
      if (done % 10 > 0) return true
      highest = Math.max(highest, (await memoryOf(gateway.server.pid)).rss)
      return (await unfinished(gateway)) > 0
    })
    seconds.push((left * 1_000) / (performance.now() - began))
    grown.push((highest - before) / MIB)
    progress(
      `round ${round}: 99 % within ${ours.toFixed(1)} ms beside ${left} images, ${baseline.toFixed(1)} at rest`,
    )
    return { ours, baseline }
  })
  return [
    {
      figure: 'a page of 20 media, 99 % within, while 1 000 photos are processed',
      unit: 'ms',
      ...latencies,
      atMost: 2,
    },
    { figure: 'photos examined, with thumbnail and placeholder', unit: 'per s', ours: spreadOf(seconds) },
    {
      figure: 'memory of the gateway above idle meanwhile',
      unit: 'MiB',
      ours: spreadOf(grown),
      atMost: MEMORY_MIB,
    },
  ]
}

/** Milliseconds within which 99 of 100 requests are answered that come one after the other, with pauses, while `goOn` says so. */
async function percentile99(call: Call, goOn: (done: number) => Promise<boolean>): Promise<number> {
  const times: number[] = []
  while (await goOn(times.length)) {
    const began = performance.now()
    await read(call)
    times.push(performance.now() - began)
    await delay(PAUSE_MS)
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN
}

async function unfinished({ query }: Gateway): Promise<number> {
  const [row] = await query<{ n: number }>(`SELECT count(*)::int AS n FROM media WHERE status = 'PROCESSING'`)
  return row?.n ?? 0
}

/** Photos that differ, behind their end, in a few bytes: no two have the same content. */
async function uploadAll(gateway: Gateway, photo: Buffer): Promise<void> {
  let next = 0
  const client = async () => {
    for (let n = next++; n < IMAGES; n = next++)
      await uploadImage(gateway, Buffer.concat([photo, Buffer.from(`photo ${n}`)]))
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, client))
}
