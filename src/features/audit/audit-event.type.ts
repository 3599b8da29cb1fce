import { ArgsType, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { PageArguments } from '../../platform/db/keyset.ts'
import { connectionOf } from '../../platform/graphql/connection.ts'
import { NodeInterface } from '../../platform/graphql/node.ts'
import { BigIntScalar, DateTime, JSONObject } from '../../platform/graphql/scalars.ts'
import type { AuditFilter } from './audit-log.ts'

export const AuditOutcome = { DONE: 'done', REFUSED: 'refused' } as const
export type AuditOutcome = (typeof AuditOutcome)[keyof typeof AuditOutcome]
registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'What became of it.',
  valuesConfig: {
    DONE: { description: 'It was done; the record was written with it.' },
    REFUSED: { description: 'It was asked for and refused.' },
  },
})

const maybe = (description: string) => ({ nullable: true, description })

@ObjectType('AuditEvent', {
  implements: NodeInterface,
  description:
    'What somebody did to the account and what is in it, or asked for and was refused. It never changes.',
})
export class AuditEventType extends NodeInterface {
  @Field(() => DateTime, {
    description: "When, by the database's clock; of several that are alike, the first.",
  })
  occurredAt: Date
  @Field(() => String, {
    description:
      'Who: `key:…`, `application:…` or `issuer:…` names a credential, `job:…` the gateway by itself, `cli:…` an operator.',
  })
  principal: string
  @Field(() => String, {
    description:
      'What: `media.deleted`, `key.revoked` and so on for what was done; for what was refused the field of the schema, or method and route.',
  })
  action: string
  @Field(
    () => String,
    maybe('Global id of what it was done to, or asked for, whether there is such a thing or not.'),
  )
  subjectId: string | null
  @Field(() => AuditOutcome, { description: 'Whether it was done.' }) outcome: AuditOutcome
  @Field(() => String, maybe('The code of the error with which it was refused.')) code: string | null
  @Field(
    () => String,
    maybe('The rule of access by which it was done or refused, as explainAccess names them.'),
  )
  rule: string | null
  @Field(() => String, maybe('The request that it came with, as the logs name it; of several, the first.'))
  requestId: string | null
  @Field(() => JSONObject, {
    description: 'What else is known of it: names, numbers, ids. Never a secret or a content.',
  })
  details: Record<string, unknown>
  @Field(() => Int, {
    description:
      'How often it came within a minute: refusals that are alike are one event. 1 for what was done.',
  })
  count: number
  @Field(
    () => BigIntScalar,
    maybe(
      "Its number in the account's sealed chain; null until it is sealed, some minutes later at the most.",
    ),
  )
  number: number | null
}

export const { ConnectionType: AuditEventConnection, ConnectionResolver: AuditEventConnectionResolver } =
  connectionOf('AuditEvent', AuditEventType)

@InputType('AuditEventFilter', { description: 'All parts must be met.' })
export class AuditEventFilter implements AuditFilter {
  @Field(() => DateTime, maybe('From this time on.')) since?: Date | null
  @Field(() => DateTime, maybe('Before this time.')) until?: Date | null
  @Field(() => String, maybe('Who, as `principal` names them.')) principal?: string | null
  @Field(() => String, maybe('What, as `action` names it.')) action?: string | null
  @Field(() => String, maybe('Global id of what it was about.')) subjectId?: string | null
  @Field(() => AuditOutcome, maybe('What became of it.')) outcome?: AuditOutcome | null
}

@ArgsType()
export class AuditEventsArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor: stop ahead of it.')) before?: string | null
  @Field(() => AuditEventFilter, maybe('Which; all of them without it.')) filter?: AuditEventFilter | null
}
