import { PassThrough } from 'node:stream'
import { type SinkFile, writeBody } from '../../src/platform/storage/drivers/local-sink.ts'
import { bodyOf } from '../../src/platform/storage/suite/store-under-test.ts'

const MEBIBYTE = 1024 * 1024

/** A file in memory whose calls do what a system call may do: write less than was asked, or fail. */
class StubbornFile implements SinkFile {
  readonly bytes = Buffer.alloc(200 * MEBIBYTE)
  largestCall = 0

  constructor(private readonly behaviour: { atMost?: number; writeFails?: Error; syncFails?: Error } = {}) {}

  writev: SinkFile['writev'] = async (buffers, position) => {
    if (this.behaviour.writeFails) throw this.behaviour.writeFails
    const asked = Buffer.concat(buffers as readonly Uint8Array[])
    this.largestCall = Math.max(this.largestCall, buffers.length)
    const bytesWritten = asked.copy(this.bytes, position ?? 0, 0, this.behaviour.atMost)
    return { bytesWritten, buffers }
  }

  datasync: SinkFile['datasync'] = async () => {
    if (this.behaviour.syncFails) throw this.behaviour.syncFails
  }
}

describe('writing a body into a file', () => {
  it.each([1, 999, 1000, 1001, 70_000])(
    'goes on after the system cut a write short at %i bytes',
    async atMost => {
      const bytes = Buffer.from(Array.from({ length: atMost * 7 + 3 }, (_, n) => n % 251))
      const file = new StubbornFile({ atMost })
      expect(await writeBody(file, bodyOf(bytes, 1000), { at: 5 })).toBe(5 + bytes.byteLength)
      expect(file.bytes.subarray(5, 5 + bytes.byteLength).equals(bytes)).toBe(true)
    },
  )

  it('does not pile up tiny chunks', async () => {
    const file = new StubbornFile()
    await writeBody(file, bodyOf(Buffer.alloc(5000, 1), 1), { at: 0 })
    expect(file.largestCall).toBe(1024)
  })

  it.each([
    ['a write', 'writeFails'],
    ['a sync behind the writes', 'syncFails'],
  ])('rejects with the failure of %s that came while the body stalled', async (_what, failing) => {
    const error = new Error('EIO')
    const body = new PassThrough({ highWaterMark: 80 * MEBIBYTE })
    const written = writeBody(new StubbornFile({ [failing]: error }), body, { at: 0 })
    body.write(Buffer.alloc(70 * MEBIBYTE))
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    body.end(Buffer.alloc(70 * MEBIBYTE))
    await expect(written).rejects.toBe(error)
  })
})
