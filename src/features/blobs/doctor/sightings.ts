import type { FindingCode, Sighting } from './findings.ts'

/** So many of a kind are named; a repair mends those, and the next one the rest. */
const NAMED = 10_000

/** What an examination has seen: all of it counted, and named as far as memory should go. */
export class Sightings {
  readonly #named: Sighting[] = []
  readonly #counts = new Map<string, number>()
  #unnamed = 0

  add(...sightings: readonly Sighting[]): void {
    for (const sighting of sightings) {
      const kind = kindOf(sighting.code, sighting.store)
      const count = (this.#counts.get(kind) ?? 0) + 1
      this.#counts.set(kind, count)
      if (count <= NAMED) this.#named.push(sighting)
      else this.#unnamed++
    }
  }

  get named(): readonly Sighting[] {
    return this.#named
  }

  get unnamed(): number {
    return this.#unnamed
  }

  /** How many of these kinds there are in a store. */
  count(store: string | undefined, ...codes: readonly FindingCode[]): number {
    return codes.reduce((sum, code) => sum + (this.#counts.get(kindOf(code, store)) ?? 0), 0)
  }
}

const kindOf = (code: FindingCode, store: string | undefined): string => `${code} ${store ?? ''}`
