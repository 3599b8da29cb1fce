import type { EntityManager } from 'typeorm'
import { OutboxEvent } from './outbox.entity.ts'

export interface NewEvent {
  readonly accountId: string
  readonly type: string
  readonly mediaId: string | null
  /** What must be known of it when the rows that it is about are gone. */
  readonly payload?: Readonly<Record<string, unknown>>
}

/** Writes events in the transaction of the change that they tell of: they happen together or not at all. */
export class Outbox {
  constructor(private readonly deps: { readonly newId: () => string }) {}

  async append(tx: EntityManager, { payload = {}, ...event }: NewEvent): Promise<void> {
    const xid = () => 'pg_current_xact_id()::text::bigint'
    await tx.insert(OutboxEvent, { id: this.deps.newId(), xid, ...event, payload: payload as object })
  }
}
