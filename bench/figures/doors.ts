import { sha256Of } from '../big-file.ts'
import {
  completeTicket,
  createTicket,
  createTusUpload,
  keptAlive,
  patchFile,
  putFile,
} from '../door-client.ts'
import type { Bench, Row } from '../figure.ts'
import type { Gateway } from '../gateway.ts'
import { removeUploads, uploadMultipart, uploadRaw } from '../media-client.ts'
import { MemoryWatch } from '../memory-watch.ts'
import { interleaved, spreadOf } from '../spread.ts'
import { GIB, megabytesPerSecond } from '../throughput.ts'
import { startUploadSides, type UploadSides } from '../upload-sides.ts'

const MIB = 2 ** 20
const SMALL = { bytes: MIB, count: 200, connections: 4 }
const MANY = { bytes: 20_000_000, count: 50 }

/** Uploads past GraphQL, each kind at a gateway of its own, beside a server that does nothing but hash, write and sync. */
export async function doors(bench: Bench): Promise<Row[]> {
  const rows: Row[] = []
  for (const figure of [byPut, byTus, small, manyAtOnce]) {
    bench.progress('warming up')
    await using sides = await startUploadSides()
    await warmDoors(sides.gateway)
    rows.push(...(await figure(bench, sides)))
  }
  return rows
}

const WARM_UP_ROUNDS = 20

/** As `warmUp`, for the paths of these doors. */
async function warmDoors(gateway: Gateway): Promise<void> {
  const sha256 = sha256Of(MIB)
  for (let i = 0; i < WARM_UP_ROUNDS; i++) {
    const { id, putUrl } = await createTicket(gateway)
    await putFile(putUrl, { bytes: MIB, sha256 })
    await completeTicket(gateway, id, { sha256 })
    await patchFile(await createTusUpload(gateway, MIB), MIB)
  }
  await removeUploads(gateway)
}

async function byPut({ rounds, progress }: Bench, { gateway, origin }: UploadSides): Promise<Row[]> {
  const memory = await MemoryWatch.start(gateway.server.pid)
  const sha256 = sha256Of(GIB)
  const speeds = await interleaved(rounds, async round => {
    const { id, putUrl } = await createTicket(gateway)
    const ours = await memory.during(() => megabytesPerSecond(() => putFile(putUrl, { bytes: GIB, sha256 })))
    await completeTicket(gateway, id, { sha256 })
    await removeUploads(gateway)
    const theirs = await megabytesPerSecond(() => uploadRaw(origin, GIB, sha256))
    progress(`PUT, round ${round}: ${ours.toFixed(0)} MB/s, baseline ${theirs.toFixed(0)} MB/s`)
    return { ours, baseline: theirs }
  })
  return [
    { figure: 'upload of 1 GiB by PUT to a ticket', unit: 'MB/s', ...speeds, atLeast: 0.9 },
    memory.row('memory above idle while 1 GiB is put'),
  ]
}

async function byTus({ rounds, progress }: Bench, { gateway, origin }: UploadSides): Promise<Row[]> {
  const memory = await MemoryWatch.start(gateway.server.pid)
  const sha256 = sha256Of(GIB)
  const speeds = await interleaved(rounds, async round => {
    const url = await createTusUpload(gateway, GIB)
    const ours = await memory.during(() => megabytesPerSecond(() => patchFile(url, GIB)))
    await removeUploads(gateway)
    const theirs = await megabytesPerSecond(() => uploadRaw(origin, GIB, sha256))
    progress(`tus, round ${round}: ${ours.toFixed(0)} MB/s, baseline ${theirs.toFixed(0)} MB/s`)
    return { ours, baseline: theirs }
  })
  return [
    { figure: 'upload of 1 GiB by one tus PATCH, media made', unit: 'MB/s', ...speeds, atLeast: 0.9 },
    memory.row('memory above idle while 1 GiB is patched'),
  ]
}

/** Uploads a second of 1 MiB files: the PUT alone, and with the two mutations around it. */
async function small({ rounds, progress }: Bench, { gateway, origin }: UploadSides): Promise<Row[]> {
  const { bytes, count, connections } = SMALL
  const sha256 = sha256Of(bytes)
  const agent = keptAlive(connections)
  const whole: number[] = []
  const speeds = await interleaved(rounds, async round => {
    const tickets = await Array.fromAsync({ length: count }, () => createTicket(gateway, agent))
    const ours = await perSecond(i => putFile(tickets[i]?.putUrl ?? '', { bytes, sha256, agent }))
    await removeUploads(gateway)
    whole.push(
      await perSecond(async () => {
        const { id, putUrl } = await createTicket(gateway, agent)
        await putFile(putUrl, { bytes, sha256, agent })
        await completeTicket(gateway, id, { sha256, agent })
      }),
    )
    await removeUploads(gateway)
    const theirs = await perSecond(() => putFile(origin, { bytes, sha256, agent }))
    progress(`1 MiB, round ${round}: ${ours.toFixed(0)} a second, baseline ${theirs.toFixed(0)}`)
    return { ours, baseline: theirs }
  })
  agent.destroy()
  return [
    {
      figure: `uploads of 1 MiB by PUT, ${connections} at a time`,
      unit: 'a second',
      ...speeds,
      atLeast: 0.6,
    },
    {
      figure: 'the same with createUpload and completeUpload',
      unit: 'a second',
      ours: spreadOf(whole),
    },
  ]
}

async function perSecond(send: (i: number) => Promise<void>): Promise<number> {
  let next = 0
  const began = performance.now()
  const sender = async () => {
    for (let i = next++; i < SMALL.count; i = next++) await send(i)
  }
  await Promise.all(Array.from({ length: SMALL.connections }, sender))
  return SMALL.count / ((performance.now() - began) / 1000)
}

/** How many of 50 uploads of 20 MB at once, by all doors in turn, are answered with anything but success. */
async function manyAtOnce({ rounds, progress }: Bench, { gateway }: UploadSides): Promise<Row[]> {
  const { bytes, count } = MANY
  const sha256 = sha256Of(bytes)
  const ways = [
    async () => {
      const { id, putUrl } = await createTicket(gateway)
      await putFile(putUrl, { bytes, sha256 })
      await completeTicket(gateway, id, { sha256 })
    },
    async () => patchFile(await createTusUpload(gateway, bytes), bytes),
    async () => void (await uploadMultipart(gateway, bytes, sha256)),
  ]
  const failed: number[] = []
  const memory = await MemoryWatch.start(gateway.server.pid)
  for (let round = 1; round <= rounds; round++) {
    const uploads = () =>
      Promise.allSettled(Array.from({ length: count }, (_, i) => ways[i % ways.length]?.()))
    const outcomes = await memory.during(uploads)
    for (const outcome of outcomes) if (outcome.status === 'rejected') progress(String(outcome.reason))
    failed.push(outcomes.filter(({ status }) => status === 'rejected').length)
    await removeUploads(gateway)
    progress(`${count} at once, round ${round}: ${failed.at(-1)} failed`)
  }
  // Two batches of 1 MiB for each that is under way: a figure, and no bound of one upload.
  const { atMost: _ofOne, ...row } = memory.row(`memory above idle while ${count} uploads are under way`)
  return [
    {
      figure: `${count} uploads of 20 MB at once, by PUT, tus and multipart: failed`,
      unit: 'uploads',
      ours: spreadOf(failed),
      atMost: 0,
    },
    row,
  ]
}
