/** Hours that what is deleted lies in the trash. */
export const TRASH_HOURS = 48

/** What may be done to a library; `item` says to which of its media, counted round. Hours that are kept are odd and those that pass are even, so that nothing is on the edge. */
export type Command =
  | { readonly kind: 'upload'; readonly content: number; readonly hours: number | null }
  | { readonly kind: 'replace'; readonly item: number; readonly content: number }
  | { readonly kind: 'update'; readonly item: number; readonly title: string }
  | { readonly kind: 'keep'; readonly item: number; readonly hours: number | null }
  | { readonly kind: 'delete' | 'restore' | 'purge' | 'hold' | 'release'; readonly item: number }
  | { readonly kind: 'pass'; readonly hours: number }
  | { readonly kind: 'sweep' }
  | {
      readonly kind: 'crash'
      readonly item: number
      readonly work: 'upload' | 'replace' | 'purge'
      /** Whether the process dies behind the commit of the work, or ahead of it. */
      readonly committed: boolean
      readonly content: number
    }

export interface Item {
  title: string | null
  /** Every content that it has had, the present one last. */
  contents: number[]
  holds: number
  /** Hours on the model's clock. */
  expiresAt: number | null
  /** Null: it is not in the trash. */
  purgeAt: number | null
  isGone: boolean
}

export type Outcome = 'done' | 'NOT_FOUND' | 'LEGAL_HOLD' | 'INVALID_INPUT'

/** What a library is said to be: no database, no files, a clock that stands still unless it is told to go on. */
export class LibraryModel {
  readonly items: Item[] = []
  now = 0

  do(command: Command): Outcome {
    switch (command.kind) {
      case 'upload':
        return this.#upload(command.content, command.hours)
      case 'pass':
        this.now += command.hours
        return 'done'
      case 'sweep':
        return this.#sweep()
      case 'crash':
        return command.committed ? this.#crash(command) : 'done'
      default: {
        const item = this.items[this.indexOf(command)]
        return item && !item.isGone ? this.#change(item, command) : 'NOT_FOUND'
      }
    }
  }

  indexOf({ item }: { readonly item: number }): number {
    return this.items.length === 0 ? -1 : item % this.items.length
  }

  /** What its content's address answers. */
  statusOf({ isGone, purgeAt, expiresAt, holds }: Item): 200 | 404 | 410 {
    if (isGone || purgeAt !== null) return 404
    return expiresAt !== null && expiresAt <= this.now && holds === 0 ? 410 : 200
  }

  #upload(content: number, hours: number | null): Outcome {
    const expiresAt = hours === null ? null : this.now + hours
    this.items.push({ title: null, contents: [content], holds: 0, expiresAt, purgeAt: null, isGone: false })
    return 'done'
  }

  #change(item: Item, command: Exclude<Command, { kind: 'upload' | 'pass' | 'sweep' | 'crash' }>): Outcome {
    const isInTrash = item.purgeAt !== null
    switch (command.kind) {
      case 'hold':
        item.holds++
        return 'done'
      case 'release':
        item.holds = Math.max(0, item.holds - 1)
        return 'done'
      case 'restore':
        // What expired meanwhile would go with the next sweep: who takes it out of the trash wants to keep it.
        if (isInTrash && item.expiresAt !== null && item.expiresAt <= this.now) item.expiresAt = null
        item.purgeAt = null
        return 'done'
      case 'purge':
        if (item.holds > 0) return 'LEGAL_HOLD'
        item.isGone = true
        return 'done'
    }
    if (isInTrash) return 'NOT_FOUND'
    switch (command.kind) {
      case 'update':
        item.title = command.title
        return 'done'
      case 'keep':
        item.expiresAt = command.hours === null ? null : this.now + command.hours
        return 'done'
    }
    if (item.holds > 0) return 'LEGAL_HOLD'
    if (command.kind !== 'replace') {
      item.purgeAt = this.now + TRASH_HOURS
      return 'done'
    }
    // What is over waits for the sweep: a new content would go with it.
    if (item.expiresAt !== null && item.expiresAt <= this.now) return 'INVALID_INPUT'
    item.contents.push(command.content)
    return 'done'
  }

  #sweep(): Outcome {
    for (const item of this.items) {
      if (item.isGone || item.holds > 0) continue
      if (item.purgeAt === null && item.expiresAt !== null && item.expiresAt <= this.now)
        item.purgeAt = this.now + TRASH_HOURS
      if (item.purgeAt !== null && item.purgeAt <= this.now) item.isGone = true
    }
    return 'done'
  }

  #crash({ work, item, content }: Extract<Command, { kind: 'crash' }>): Outcome {
    if (work === 'upload') return this.#upload(content, null)
    this.do(work === 'replace' ? { kind: 'replace', item, content } : { kind: 'purge', item })
    return 'done'
  }
}
