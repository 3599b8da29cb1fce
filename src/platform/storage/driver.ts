import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { StorageKey } from './key.ts'

/** Bytes from `start` to `end`, both included and counted from 0 (as in RFC 9110, 14.1.2). */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface WriteHints {
  /** Bytes that are announced, if they are: a hint for part sizes, never believed. */
  readonly size?: number
  readonly mimeType?: string
  /** The chunks of the body are for this call alone, which may release each one as soon as it is stored. */
  readonly ownsChunks?: boolean
  /** Aborted when the caller gives up: the write must then reject and leave nothing readable. */
  readonly signal?: AbortSignal
  /**
   * Told the name that the store gave an unfinished write, before its first part, by drivers whose store gives one: `ResumableWrites.abort`
   * ends it by that at any node. The write goes on when this resolves, and fails with what it rejects with.
   */
  readonly onBegun?: (handle: UploadHandle) => Promise<void>
}

/**
 * What a driver throws when the store works but the call does not fit its state: the key is taken, the offset is not
 * the durable one, the handle is unknown. The same call will never succeed.
 */
export class StorageConflict extends Error {
  override readonly name = 'StorageConflict'
}

/**
 * Where bytes live. Keys are already checked, and no key is the folder of another. Any method may throw; `Storage`
 * turns that into an AppError. A full store is told by an error whose `code` is `ENOSPC` or `EDQUOT`, one that lets nobody do
 * this by `EACCES`, `EPERM` or `EROFS`; whatever else it rejects with says that the store is not there, and makes `Storage` leave it alone
 * when it comes often.
 *
 * A driver over a network tries again what may be tried again, a few times and with jitter, and bounds each request: every call comes to
 * its end whatever the store does, and a stream that the store stops feeding ends with an error. `Storage` makes each call once.
 *
 * A driver that takes a `body` reads it no faster than it stores it. When the body breaks off, the driver rejects with
 * the body's own error; when the store fails, it never destroys the body with the store's error. So the two can be told
 * apart. The caller holds an `error` listener on the body.
 */
export interface StorageDriver {
  /** The kind of store, as in the scheme of its URL: `file`, `memory`, `s3`, `azure`. */
  readonly name: string

  /**
   * Writes the whole object or nothing; durable when it resolves. The caller never uses a key twice: a taken key is
   * refused with StorageConflict, also between two writers that run at once, and the first bytes stay.
   */
  write(key: StorageKey, body: Readable, hints: WriteHints): Promise<{ size: number }>

  /**
   * The bytes, or those of `range`, which lies within the object; null when there is no such object. The chunks are the
   * caller's alone, who may release them.
   */
  read(key: StorageKey, range?: ByteRange): Promise<Readable | null>

  /** Size in bytes and time of the last write; null when there is no such object. An unfinished write is no object. */
  stat(key: StorageKey): Promise<{ size: number; modifiedAt: Date } | null>

  /** Removes the object and what an unfinished write of this key left behind. Deleting nothing succeeds. */
  delete(key: StorageKey): Promise<void>

  /** Keys of finished objects whose text starts with `prefix`, in no order. */
  list(prefix: string): AsyncIterable<StorageKey>

  /** Keys of writes that were begun and neither finished nor removed, in no order. */
  listUnfinished(): AsyncIterable<StorageKey>

  /** Rejects when the store cannot be used now (readiness). */
  check(): Promise<void>

  /** Releases sockets and timers; no call follows. */
  close(): Promise<void>

  /** A capability is present or absent, never a method that only throws. */
  readonly presign?: PresignedUrls
  readonly resumable?: ResumableWrites
  readonly join?: JoinedWrites
  readonly files?: ObjectFiles
}

/** Objects that are files which this machine can open. */
export interface ObjectFiles {
  /** The object, open for reading, which the caller closes; null when there is no such object. */
  open(key: StorageKey): Promise<FileHandle | null>
}

/** An object that becomes a part of another one. */
export interface JoinedPart {
  readonly key: StorageKey
  readonly size: number
}

/** Objects that become one within the store, without their bytes coming out of it. */
export interface JoinedWrites {
  /**
   * Makes one object of whole ones, in their order; they stay. Null where the store makes none of such parts, and then nothing is
   * done. A taken key is refused with StorageConflict; what fails leaves nothing.
   */
  join(key: StorageKey, parts: readonly JoinedPart[]): Promise<{ size: number } | null>
}

/** Names a resumable write at its store: opaque, at most 1 000 characters, kept in the blob row. */
export type UploadHandle = string

/**
 * Bytes that arrive in pieces of any size, at any node. The offset is what is durable: asked of the store, not
 * remembered. The caller lets one call at a time run for a handle, over all nodes.
 */
export interface ResumableWrites {
  /** Begins an empty write; the handle is good at every node. A taken key is refused with StorageConflict. */
  begin(key: StorageKey, hints: WriteHints): Promise<UploadHandle>

  /**
   * Appends `body`, whose chunks are for this call alone, at `at`, which must be the offset that `offset` tells (StorageConflict otherwise, and nothing
   * changes). What a torn append left beyond that offset is cut off first. When `body` breaks off, what arrived is kept
   * as far as it is durable, and the call rejects.
   */
  append(handle: UploadHandle, at: number, body: Readable): Promise<{ offset: number }>

  /** Bytes that survive a crash of everything. StorageConflict for a handle that is finished, aborted or unknown. */
  offset(handle: UploadHandle): Promise<number>

  /**
   * Takes back what the last append, whole or torn, has added: it began at `to`, and `to` is the offset again. An append that
   * added nothing is taken back, too. StorageConflict for a `to` beyond the offset, and for a handle that is finished, aborted
   * or unknown.
   */
  rewind(handle: UploadHandle, to: number): Promise<void>

  /**
   * Turns the pieces into the object, readable under its key. Completing again gives the same answer, since the first
   * answer may have been lost; StorageConflict for a handle that is aborted or unknown.
   */
  complete(handle: UploadHandle): Promise<{ size: number }>

  /** Removes all pieces; a completed object stays. Aborting what is not there succeeds. */
  abort(handle: UploadHandle): Promise<void>
}

/** Requests by which a client talks to the store itself, without a credential of its own. */
export interface PresignedUrls {
  /** A URL that is read with GET. */
  get(key: StorageKey, options: PresignGet): Promise<string>

  /** Whether readers may be sent to the store, as its operator says; without it all bytes pass the gateway. */
  readonly redirects?: boolean

  /** Absent where the store cannot hold a client to what was signed. */
  readonly writes?: PresignedWrites
}

/** Requests by which a client writes to the store itself. */
export interface PresignedWrites {
  /** The request that writes the whole object, good for exactly these bytes and no others. */
  put(key: StorageKey, options: PresignPut): Promise<PresignedRequest>

  /**
   * The requests that write the parts of a resumable write which is begun and empty, one a part and in their order; completing
   * the write makes them the object. Its size and content are whatever came: the caller looks.
   */
  parts(handle: UploadHandle, options: PresignParts): Promise<PresignedParts>

  /** Largest object that one `put` takes, in bytes. */
  readonly maxPutBytes: number
}

export interface PresignGet {
  readonly expiresInSeconds: number
  readonly mimeType?: string
  /** Content-Disposition of the answer. */
  readonly disposition?: string
}

export interface PresignPut {
  readonly expiresInSeconds: number
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface PresignParts {
  readonly expiresInSeconds: number
  readonly size: number
}

/** A request as a client must send it. */
export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** To be sent as they stand; without them the store refuses the request. */
  readonly headers: Readonly<Record<string, string>>
}

export interface PresignedParts {
  /** Bytes of each part; the last one has the rest. */
  readonly partSize: number
  readonly requests: readonly PresignedRequest[]
}
