import DataLoader from 'dataloader'
import type { Sql } from '../../platform/db/database.ts'
import { STEP_NAMES, type StepName, type StepState } from './step.ts'

/** A step of the present content, as people see it. */
export interface StepView {
  readonly name: StepName
  readonly state: StepState
  readonly reason: string | null
  readonly detail: string | null
  readonly updatedAt: Date
}

const ORDER = new Map(STEP_NAMES.map((name, index) => [name, index]))

/** How far media have come. */
export class StepsOfMedia {
  /** Many media of one list are one statement; nothing is remembered beyond it. */
  readonly #loader = new DataLoader((ids: readonly string[]) => this.#load(ids), { cache: false })

  constructor(private readonly deps: { readonly database: Sql }) {}

  /** In the order in which they are done. Whether the media may be seen is asked before. */
  of(mediaId: string): Promise<readonly StepView[]> {
    return this.#loader.load(mediaId)
  }

  async #load(ids: readonly string[]): Promise<StepView[][]> {
    const rows = await this.deps.database.query<StepView & { readonly id: string }>(
      `SELECT media_id AS id, step AS name, state, reason, detail, updated_at AS "updatedAt"
       FROM processing_step WHERE media_id = ANY ($1::uuid[])`,
      [ids],
    )
    const byId = new Map<string, StepView[]>()
    for (const { id, ...step } of rows) byId.set(id, [...(byId.get(id) ?? []), step])
    return ids.map(id =>
      (byId.get(id) ?? []).sort((a, b) => (ORDER.get(a.name) ?? 0) - (ORDER.get(b.name) ?? 0)),
    )
  }
}
