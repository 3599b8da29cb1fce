import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Of } from '../big-file.ts'
import type { Bench, Row } from '../figure.ts'
import { startGateway } from '../gateway.ts'
import { removeUploads, uploadMultipart, uploadRaw, warmUp } from '../media-client.ts'
import { MemoryWatch } from '../memory-watch.ts'
import { ServerProcess } from '../server-process.ts'
import { interleaved } from '../spread.ts'
import { GIB, megabytesPerSecond } from '../throughput.ts'

/** An upload of 1 GiB by a GraphQL multipart request, beside a server that does nothing but hash, write and sync. */
export async function upload({ rounds, progress }: Bench): Promise<Row[]> {
  await using gateway = await startGateway()
  const folder = join(gateway.dataDir, 'baseline')
  await mkdir(folder)
  await using baseline = await ServerProcess.start({
    program: 'bench/baselines/upload-raw.ts',
    args: [folder],
    env: {},
  })
  progress('warming up')
  await warmUp(gateway)
  const memory = await MemoryWatch.start(gateway.server.pid)
  const sha256 = sha256Of(GIB)
  const speeds = await interleaved(rounds, async round => {
    const ours = await memory.during(() => megabytesPerSecond(() => uploadMultipart(gateway, GIB, sha256)))
    await removeUploads(gateway)
    const theirs = await megabytesPerSecond(() => uploadRaw(baseline.origin, GIB, sha256))
    progress(`round ${round}: ${ours.toFixed(0)} MB/s, baseline ${theirs.toFixed(0)} MB/s`)
    return { ours, baseline: theirs }
  })
  return [
    { figure: 'upload of 1 GiB through GraphQL multipart', unit: 'MB/s', ...speeds, atLeast: 0.45 },
    memory.row('memory above idle while 1 GiB is uploaded'),
  ]
}
