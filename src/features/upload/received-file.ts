import { Readable, type Writable } from 'node:stream'
import type { FileUpload } from 'graphql-upload/processRequest.mjs'

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
    const body = upload.createReadStream({ highWaterMark: READ_BYTES })
    capacitor.once('error', error => body.destroy(error))
    return body
  } catch (error) {
    return brokenOff(error as Error)
  }
}

const brokenOff = (reason: Error): Readable =>
  new Readable({
    read() {
      this.destroy(reason)
    },
  })
