import { setTimeout as delay } from 'node:timers/promises'
import { sha256Of } from '../big-file.ts'
import { completeTicket, createTicket, putFile } from '../door-client.ts'
import type { Bench, Row } from '../figure.ts'
import { dataFolder, environmentOf, type Gateway, gatewayEnvironment, startGateway } from '../gateway.ts'
import { contentOf, download as readAll, removeUploads, warmUp } from '../media-client.ts'
import { MemoryWatch } from '../memory-watch.ts'
import { move, ObjectStore } from '../object-store.ts'
import { memoryOf } from '../proc.ts'
import { ServerProcess } from '../server-process.ts'
import { interleaved, spreadOf } from '../spread.ts'
import { GIB, megabytesPerSecond } from '../throughput.ts'

const MIB = 2 ** 20
const LARGEST = 5 * GIB
/** What parts on the way may take. */
const MEMORY_MIB = 96
const IDLE_MIB = 170
const REST_MS = 5_000
const WARM_UP_ROUNDS = 20

/** A bucket as a store: our driver beside the SDK alone at the same server, and the gateway with its bytes there. */
export async function s3(bench: Bench): Promise<Row[]> {
  await using store = await ObjectStore.start()
  return [
    ...(await byDriver(bench, store)),
    ...(await byGateway(bench, store)),
    ...(await atRest(bench, store)),
  ]
}

async function byDriver({ rounds, progress }: Bench, store: ObjectStore): Promise<Row[]> {
  const bucket = 'sides'
  await using ours = await store.side('driver', bucket)
  await using theirs = await store.side('sdk', bucket)
  const small = { key: 'small', bytes: 20 * MIB }
  for (const side of [ours, theirs]) {
    for (const way of ['write', 'read'] as const) await move(side, way, small)
    await store.empty(bucket)
  }
  const memory = await MemoryWatch.start(ours.pid)
  const reads: { ours: number; baseline: number }[] = []
  const writes = await interleaved(rounds, async round => {
    const file = { key: 'file', bytes: GIB }
    const written = await memory.during(() => megabytesPerSecond(() => move(ours, 'write', file)))
    const read = await memory.during(() => megabytesPerSecond(() => move(ours, 'read', file)))
    await store.empty(bucket)
    const baseline = await megabytesPerSecond(() => move(theirs, 'write', file))
    reads.push({ ours: read, baseline: await megabytesPerSecond(() => move(theirs, 'read', file)) })
    await store.empty(bucket)
    progress(
      `driver, round ${round}: written with ${written.toFixed(0)} MB/s, by the SDK ${baseline.toFixed(0)}`,
    )
    return { ours: written, baseline }
  })
  progress('5 GiB by multipart')
  const largest = { key: 'largest', bytes: LARGEST }
  await move(ours, 'write', largest)
  await move(ours, 'read', largest)
  await store.empty(bucket)
  return [
    { figure: 'upload of 1 GiB by the S3 driver', unit: 'MB/s', ...writes, atLeast: 0.85 },
    {
      figure: 'download of 1 GiB by the S3 driver',
      unit: 'MB/s',
      ...(await interleaved(rounds, async round => reads[round - 1] ?? { ours: Number.NaN, baseline: 1 })),
      atLeast: 0.85,
    },
    { ...memory.row('memory above idle of a process that does so'), atMost: MEMORY_MIB },
    { figure: 'an object of 5 GiB by multipart, read again', unit: 'GiB', ours: spreadOf([LARGEST / GIB]) },
  ]
}

/** Each way at a gateway of its own: what one has raised would be the idle of the other. */
async function byGateway({ rounds, progress }: Bench, store: ObjectStore): Promise<Row[]> {
  const bucket = 'gateway'
  await using gateway = await startGateway({ env: store.environment(bucket) })
  const clear = async () => {
    await removeUploads(gateway)
    await store.empty(bucket)
  }
  await warmUp(gateway)
  const sha256 = sha256Of(GIB)
  const up: number[] = []
  const down: number[] = []
  const putting = await MemoryWatch.start(gateway.server.pid)
  for (let round = 1; round <= rounds; round++) {
    await clear()
    up.push(await putting.during(() => megabytesPerSecond(() => put(gateway, sha256))))
    progress(`gateway, round ${round}: ${up.at(-1)?.toFixed(0)} MB/s up`)
  }
  await using folder = await dataFolder()
  const env = { ...gatewayEnvironment(folder.path), ...environmentOf(gateway), ...store.environment(bucket) }
  await using reader = await ServerProcess.start({ program: 'dist/main.js', args: ['serve'], env })
  const [media] = await gateway.query<{ id: string }>('SELECT id FROM media LIMIT 1')
  const content = contentOf({ server: reader }, media?.id ?? '')
  const start = { ...content, headers: { ...content.headers, range: `bytes=0-${MIB - 1}` } }
  for (let i = 0; i < WARM_UP_ROUNDS; i++) await readAll(start, MIB)
  const reading = await MemoryWatch.start(reader.pid)
  for (let round = 1; round <= rounds; round++) {
    down.push(await reading.during(() => megabytesPerSecond(() => readAll(content, GIB))))
    progress(`gateway, round ${round}: ${down.at(-1)?.toFixed(0)} MB/s down`)
  }
  return [
    { figure: 'upload of 1 GiB by PUT, media made, in a bucket', unit: 'MB/s', ours: spreadOf(up) },
    { ...putting.row('memory above idle while it is put'), atMost: MEMORY_MIB },
    { figure: 'download of 1 GiB out of a bucket', unit: 'MB/s', ours: spreadOf(down) },
    { ...reading.row('memory above idle while it is downloaded'), atMost: MEMORY_MIB },
  ]
}

async function put(gateway: Gateway, sha256: string): Promise<void> {
  const { id, putUrl } = await createTicket(gateway)
  await putFile(putUrl, { bytes: GIB, sha256 })
  await completeTicket(gateway, id, { sha256 })
}

async function atRest({ rounds, progress }: Bench, store: ObjectStore): Promise<Row[]> {
  const resident: number[] = []
  for (let round = 1; round <= rounds; round++) {
    await using gateway = await startGateway({ env: store.environment('rest') })
    await delay(REST_MS)
    resident.push((await memoryOf(gateway.server.pid)).rss / MIB)
    progress(`at rest, round ${round}: ${resident.at(-1)?.toFixed(0)} MiB`)
  }
  return [{ figure: 'idle memory with a bucket', unit: 'MiB', ours: spreadOf(resident), atMost: IDLE_MIB }]
}
