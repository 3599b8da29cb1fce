/** What the doctor proves; the numbers are those of the write protocol. */
export const INVARIANTS = {
  I1: 'Each live blob has its object, equal in size and SHA-256, and an owner.',
  I2: 'Each object in a store has a row.',
  I6: "Each account's used and reserved bytes are the sums over its blobs, and its items are its media.",
  I11: 'Staging and temp folders hold nothing but what is under way.',
  I13: 'Each media counts its open legal holds right, and no bytes of a held media are doomed.',
  I14: "Each store's last epoch is one that this database has begun there.",
  I15: 'What went for good leaves no bytes for longer than an hour, and no rows.',
} as const satisfies Record<string, string>
export type Invariant = keyof typeof INVARIANTS

/** What a repair rests on beside the finding itself: each is looked at again right before. */
export type Need =
  /** The store's last epoch is ours: the database is no older backup, and the store is the right one. */
  | 'ours'
  /** It is not found of many: that would speak for a wrong store or a wrong database. */
  | 'few'
  /** It has been there for a week: whoever has made it has come to an end, and a wrong restoration has been noticed. */
  | 'old'

export interface FindingKind {
  readonly invariant: Invariant
  readonly meaning: string
  /** What `--repair` does; null where nothing is safe. */
  readonly remedy: string | null
  readonly needs: readonly Need[]
}

const LOST =
  'The blob becomes `lost`: its downloads answer CONTENT_LOST. The object, if there is one, stays as it is.'

/** What can be found. Codes never change. */
export const FINDINGS = {
  'object-missing': {
    invariant: 'I1',
    meaning: 'A live blob has no object.',
    remedy: LOST,
    needs: ['ours', 'few'],
  },
  'object-wrong-size': {
    invariant: 'I1',
    meaning: 'The object of a live blob has another size.',
    remedy: LOST,
    needs: ['ours', 'few'],
  },
  'object-wrong-content': {
    invariant: 'I1',
    meaning: 'The object of a live blob has another SHA-256, twice read.',
    remedy: LOST,
    needs: ['ours', 'few'],
  },
  'object-unreadable': {
    invariant: 'I1',
    meaning: 'The store works, and cannot read the object of a live blob.',
    remedy: null,
    needs: [],
  },
  'object-back': {
    invariant: 'I1',
    meaning: 'The object of a lost blob is there again, equal in size and SHA-256.',
    remedy: 'The blob becomes `live` again.',
    needs: [],
  },
  'blob-unowned': {
    invariant: 'I1',
    meaning: 'A live blob belongs to no media and no variant.',
    remedy: null,
    needs: [],
  },
  'store-not-configured': {
    invariant: 'I1',
    meaning: 'Live blobs lie in a store that is not configured.',
    remedy: null,
    needs: [],
  },
  'object-without-row': {
    invariant: 'I2',
    meaning: 'An object has no row.',
    remedy: 'The object is removed.',
    needs: ['ours', 'few', 'old'],
  },
  'object-elsewhere': {
    invariant: 'I2',
    meaning: 'The row of an object says that it lies in another store.',
    remedy: null,
    needs: [],
  },
  'sums-wrong': {
    invariant: 'I6',
    meaning: 'An account counts other bytes than its blobs have, or other media than there are.',
    remedy: 'They are counted anew, under the lock of the account.',
    needs: [],
  },
  'unfinished-without-row': {
    invariant: 'I11',
    meaning: 'An unfinished write belongs to no row.',
    remedy: 'It is removed.',
    needs: ['ours', 'few', 'old'],
  },
  'unfinished-left': {
    invariant: 'I11',
    meaning: 'A blob whose bytes are whole has an unfinished write besides.',
    remedy: null,
    needs: [],
  },
  'temp-folder-left': {
    invariant: 'I11',
    meaning: 'A temp folder belongs to no running process.',
    remedy: 'It is removed.',
    needs: [],
  },
  'holds-wrong': {
    invariant: 'I13',
    meaning: 'A media counts another number of open legal holds than there are.',
    remedy: 'They are counted anew, under the lock of the media.',
    needs: [],
  },
  'held-doomed': {
    invariant: 'I13',
    meaning: 'A blob of a media under legal hold is doomed; the reaper leaves it alone.',
    remedy: null,
    needs: [],
  },
  'store-ahead': {
    invariant: 'I14',
    meaning: 'A store knows an epoch that the database does not.',
    remedy: null,
    needs: [],
  },
  'store-unmarked': {
    invariant: 'I14',
    meaning: 'A store has none of the epochs that the database has begun there.',
    remedy: null,
    needs: [],
  },
  'store-twin': {
    invariant: 'I14',
    meaning: 'Two configured stores are one place.',
    remedy: null,
    needs: [],
  },
  'purge-open': {
    invariant: 'I15',
    meaning:
      'A media went for good more than an hour ago, and not all of its bytes have: look whether jobs run, and whether its stores work.',
    remedy: null,
    needs: [],
  },
  'purge-left': {
    invariant: 'I15',
    meaning: 'A media went for good, and a row of it is there.',
    remedy: null,
    needs: [],
  },
} as const satisfies Record<string, FindingKind>
export type FindingCode = keyof typeof FINDINGS

export interface Finding {
  readonly code: FindingCode
  readonly invariant: Invariant
  /** The store that it is about; null where it is about the database or this machine alone. */
  readonly store: string | null
  /** Id of the blob, account or media, key of the object, or path: as the code says. */
  readonly subject: string
  /** What is wrong, with the id, key or path that it is wrong with. */
  readonly message: string
  /** What `--repair` does about it; null where nothing is safe, or not now. */
  readonly remedy: string | null
  /** Why a remedy that there is would not be safe now. */
  readonly refusal: string | null
}

/** What is seen, before it is known whether it may be repaired. */
export interface Sighting {
  readonly code: FindingCode
  readonly store?: string
  readonly subject: string
  readonly message: string
  /** How long it has been there at least, in milliseconds; absent where nothing tells. */
  readonly age?: number
}
