import { Readable, type Writable } from 'node:stream'
import type { FileUpload } from 'graphql-upload/processRequest.mjs'
import { releaseChunk, releasePiece } from '../../platform/lib/release-chunk.ts'
import { fileMissing } from './upload.errors.ts'

/** The part of the request that carries the file; throws FILE_MISSING with the field that names it. */
export async function arrivedPart(
  file: Promise<FileUpload> | undefined,
  field: readonly string[],
): Promise<FileUpload> {
  const part = await file?.catch((error: unknown) => {
    throw fileMissing(field, error)
  })
  if (typeof part?.createReadStream !== 'function') throw fileMissing(field)
  return part
}

/** With what graphql-upload keeps to itself: the temporary file that an arriving part is written to. */
interface BufferedUpload extends FileUpload {
  readonly capacitor: Writable
}

/** Bytes of one read of the temporary file, which allocates as much for each, whether there is more to read or not. */
const READ_BYTES = 256 * 1024

/**
 * The bytes of an arriving file. Breaks off with the reason when the part does, or when the temporary file takes no more:
 * left to itself, its reader would wait for ever. Never throws: what has failed before breaks off when it is read.
 */
export function receivedBytes(upload: FileUpload): Readable {
  const { capacitor } = upload as BufferedUpload
  try {
    if (capacitor.errored) return brokenOff(capacitor.errored)
    releaseWritten(capacitor)
    const body = upload.createReadStream({ highWaterMark: READ_BYTES })
    releaseUnused(body)
    capacitor.once('error', error => body.destroy(error))
    return body
  } catch (error) {
    return brokenOff(error as Error)
  }
}

/** Once in the temporary file, the pieces of the request have no further user. */
function releaseWritten(file: Writable): void {
  const write = file._write
  file._write = (piece: Buffer, encoding, done) =>
    write.call(file, piece, encoding, error => {
      if (!error) releasePiece(piece)
      done(error)
    })
}

/** A read that found little would hold the memory of a whole one: its bytes move to a buffer of their size. */
function releaseUnused(file: Readable): void {
  const { push } = file
  file.push = (chunk: Buffer | null) => {
    if (!chunk || chunk.byteLength === chunk.buffer.byteLength) return push.call(file, chunk)
    const bytes = Buffer.allocUnsafeSlow(chunk.byteLength)
    chunk.copy(bytes)
    releaseChunk(new Uint8Array(chunk.buffer))
    return push.call(file, bytes)
  }
}

const brokenOff = (reason: Error): Readable =>
  new Readable({
    read() {
      this.destroy(reason)
    },
  })
