import { AsyncLocalStorage } from 'node:async_hooks'

/** Who does what is done now, as the audit log names them. */
export interface Actor {
  /** `key:k1`, `application:…`, `issuer:name/subject`, `job:trash.empty`, `cli:root`, `anonymous`. Never a secret. */
  readonly name: string
  /** Null for who belongs to no account: operators, jobs. */
  readonly accountId: string | null
  /** Which rule of the policy lets it change what it may change; null where none is asked. */
  readonly rule: string | null
  readonly requestId: string | null
}

/** The program itself: its start, or a program that embeds it and does not say for whom it acts. */
const GATEWAY: Actor = { name: 'gateway', accountId: null, rule: null, requestId: null }

const current = new AsyncLocalStorage<Actor>()

export const currentActor = (): Actor => current.getStore() ?? GATEWAY

/** Does the work in the name of the actor: what it changes is recorded as theirs. */
export const actingAs = <T>(actor: Actor, work: () => T): T => current.run(actor, work)

/** Work that the gateway does by itself. */
export const jobActor = (kind: string): Actor => ({ ...GATEWAY, name: `job:${kind}` })

/** A command of somebody who has the gateway's configuration, and so is asked for no right. */
export const operatorActor = (user: string): Actor => ({ ...GATEWAY, name: `cli:${user}` })
