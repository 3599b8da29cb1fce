import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Specimen } from './specimen.ts'

type Entry =
  | { readonly event: 'begun'; readonly specimen: Specimen }
  | { readonly event: 'acknowledged'; readonly name: string; readonly id: string }
  | { readonly event: 'refused'; readonly name: string; readonly code: string }
  | { readonly event: 'deleting' | 'deleted'; readonly name: string }

/** What the journal holds about one upload. */
export interface Account {
  readonly specimen: Specimen
  /** The id that the gateway gave; absent while nothing was promised. */
  readonly id?: string
  /** The code of a refusal. */
  readonly refused?: string
  /** `asked`: a deletion was sent; `done`: it was acknowledged. */
  readonly deletion?: 'asked' | 'done'
}

/** The client's own memory: every line is on the disk before the next step is taken, so that it can be held against the gateway. */
export class Journal {
  readonly #path: string
  readonly #file: number

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'a')
  }

  append(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
    fsyncSync(this.#file)
  }

  /** Read back from the file, by name. */
  accounts(): Map<string, Account> {
    const accounts = new Map<string, Account>()
    for (const line of readFileSync(this.#path, 'utf8').split('\n').filter(Boolean)) {
      const entry = JSON.parse(line) as Entry
      if (entry.event === 'begun') accounts.set(entry.specimen.name, { specimen: entry.specimen })
      else {
        const before = accounts.get(entry.name)
        if (!before) throw new Error(`the journal knows nothing of ${entry.name} before "${entry.event}"`)
        accounts.set(entry.name, { ...before, ...changeOf(entry) })
      }
    }
    return accounts
  }

  close(): void {
    closeSync(this.#file)
  }
}

function changeOf(entry: Exclude<Entry, { event: 'begun' }>): Partial<Account> {
  if (entry.event === 'acknowledged') return { id: entry.id }
  if (entry.event === 'refused') return { refused: entry.code }
  return { deletion: entry.event === 'deleted' ? 'done' : 'asked' }
}
