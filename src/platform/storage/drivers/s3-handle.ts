import { StorageConflict, type UploadHandle } from '../driver.ts'
import { isStorageKey } from '../key.ts'
import type { Upload } from './s3-uploads.ts'

/** A multipart upload that bytes are appended to; every node cuts its parts alike. */
export interface ResumableUpload extends Upload {
  /** Size of the first parts. */
  readonly firstPart: number
}

/** Key, write, size of the first parts, and the store's own id, which may be anything that can stand in a URL. */
const HANDLE = /^([^:]+):([0-9a-f-]{36}):(\d{7,10}):([\x21-\x7e]+)$/
/** What the contract allows. */
const LONGEST_HANDLE = 1000

export function handleOf({ key, writeId, firstPart, id }: ResumableUpload): UploadHandle {
  const handle = `${key}:${writeId}:${firstPart}:${id}`
  if (handle.length > LONGEST_HANDLE || !HANDLE.test(handle))
    throw new Error(`the store's id of an upload has ${id.length} characters, or some that cannot be kept`)
  return handle
}

/** The upload that a handle names; StorageConflict for what is no handle. */
export function uploadOf(handle: UploadHandle): ResumableUpload {
  const [, key = '', writeId = '', firstPart, id = ''] = HANDLE.exec(handle) ?? []
  if (!isStorageKey(key)) throw new StorageConflict('not a handle of this store')
  return { key, writeId, firstPart: Number(firstPart), id }
}
