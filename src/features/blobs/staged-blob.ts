/** Bytes that a blob has of another one's reservation. */
export interface Lent {
  readonly id: string
  readonly bytes: number
}

/** What an uploader holds while its bytes are under way. */
export interface StagedBlob {
  readonly id: string
  readonly accountId: string
  readonly storeId: string
  readonly key: string
  readonly fence: number
  /** Bytes that are held for it as far as is known; Infinity where none need be. */
  readonly held: number
  /** Of those, what other blobs will have again when it is given up. */
  readonly lent: readonly Lent[]
}
