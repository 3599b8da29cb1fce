import { join } from 'node:path'
import { sha256Of } from '../big-file.ts'
import type { Bench, Row } from '../figure.ts'
import { startGateway } from '../gateway.ts'
import { contentOf, download as readAll, uploadMultipart, warmUp } from '../media-client.ts'
import { MemoryWatch } from '../memory-watch.ts'
import { ServerProcess } from '../server-process.ts'
import { interleaved } from '../spread.ts'
import { GIB, megabytesPerSecond } from '../throughput.ts'

/** A download of 1 GiB with a key, beside npm's `send`, which gives the same file to everybody. */
export async function download({ rounds, progress }: Bench): Promise<Row[]> {
  await using gateway = await startGateway()
  progress('warming up')
  await warmUp(gateway)
  const memory = await MemoryWatch.start(gateway.server.pid)
  const id = await uploadMultipart(gateway, GIB, sha256Of(GIB))
  const [blob] = await gateway.query<{ key: string }>(
    'SELECT b.key FROM blob b JOIN media m ON m.blob_id = b.id WHERE m.id = $1',
    [id],
  )
  await using baseline = await ServerProcess.start({
    program: 'bench/baselines/download-send.ts',
    args: [join(gateway.dataDir, 'files', String(blob?.key))],
    env: {},
  })
  const content = contentOf(gateway, id)
  await readAll({ url: baseline.origin }, GIB)
  const speeds = await interleaved(rounds, async round => {
    const ours = await memory.during(() => megabytesPerSecond(() => readAll(content, GIB)))
    const theirs = await megabytesPerSecond(() => readAll({ url: baseline.origin }, GIB))
    progress(`round ${round}: ${ours.toFixed(0)} MB/s, baseline ${theirs.toFixed(0)} MB/s`)
    return { ours, baseline: theirs }
  })
  return [
    { figure: 'download of 1 GiB', unit: 'MB/s', ...speeds, atLeast: 0.8 },
    memory.row('memory above idle while 1 GiB is downloaded'),
  ]
}
