import { sha256Of } from '../big-file.ts'
import type { Bench, Row } from '../figure.ts'
import { removeUploads, uploadMultipart, uploadRaw } from '../media-client.ts'
import { MemoryWatch } from '../memory-watch.ts'
import { interleaved } from '../spread.ts'
import { GIB, megabytesPerSecond } from '../throughput.ts'
import { startUploadSides } from '../upload-sides.ts'

/** An upload of 1 GiB by a GraphQL multipart request, beside a server that does nothing but hash, write and sync. */
export async function upload({ rounds, progress }: Bench): Promise<Row[]> {
  progress('warming up')
  await using sides = await startUploadSides()
  const { gateway, origin } = sides
  const memory = await MemoryWatch.start(gateway.server.pid)
  const sha256 = sha256Of(GIB)
  const speeds = await interleaved(rounds, async round => {
    const ours = await memory.during(() => megabytesPerSecond(() => uploadMultipart(gateway, GIB, sha256)))
    await removeUploads(gateway)
    const theirs = await megabytesPerSecond(() => uploadRaw(origin, GIB, sha256))
    progress(`round ${round}: ${ours.toFixed(0)} MB/s, baseline ${theirs.toFixed(0)} MB/s`)
    return { ours, baseline: theirs }
  })
  return [
    { figure: 'upload of 1 GiB through GraphQL multipart', unit: 'MB/s', ...speeds, atLeast: 0.45 },
    memory.row('memory above idle while 1 GiB is uploaded'),
  ]
}
