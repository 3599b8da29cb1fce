declare const brand: unique symbol
/** The name of one object in a store: made by the server, never by a client, never used twice. */
export type StorageKey = string & { readonly [brand]: 'StorageKey' }

/** Lower-case letters, digits, `-` and `_` in segments parted by `/`; no empty segment, no dot; at most 200 characters. */
const KEY = /^[a-z0-9_-]+(?:\/[a-z0-9_-]+)*$/

export function isStorageKey(text: string): text is StorageKey {
  return text.length <= 200 && KEY.test(text)
}

/** Promises that the text is a key; throws a plain Error otherwise, since only the server makes keys. */
export function storageKey(text: string): StorageKey {
  if (!isStorageKey(text)) throw new Error(`not a storage key: ${JSON.stringify(text)}`)
  return text
}

/** The key of a blob: two levels of folders from the random tail of its UUID, so that no folder grows without bound. */
export function blobKey(blobId: string): StorageKey {
  const tail = blobId.replaceAll('-', '').slice(-4)
  return storageKey(`${tail.slice(0, 2)}/${tail.slice(2)}/${blobId}`)
}
