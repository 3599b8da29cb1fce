import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { PageArguments } from '../../../platform/db/keyset.ts'
import { connectionOf } from '../../../platform/graphql/connection.ts'
import { NodeInterface } from '../../../platform/graphql/node.ts'
import { DateTime } from '../../../platform/graphql/scalars.ts'
import { DELIVERY_STATES, type DeliveryState } from './delivery.row.ts'

const maybe = (description: string) => ({ nullable: true, description })

const WebhookDeliveryState = Object.fromEntries(Object.keys(DELIVERY_STATES).map(name => [name, name]))
registerEnumType(WebhookDeliveryState, {
  name: 'WebhookDeliveryState',
  description: 'Where a delivery stands.',
  valuesConfig: Object.fromEntries(
    Object.entries(DELIVERY_STATES).map(([name, description]) => [name, { description }]),
  ),
})

@ObjectType('WebhookAttempt', {
  description: 'One attempt to send an event. Of what the receiver answered nothing is kept but the status.',
})
export class WebhookAttemptType {
  @Field(() => DateTime, { description: 'When it was begun.' }) at: string
  @Field(() => Int, maybe('HTTP status of the answer; null when none has come.')) status: number | null
  @Field(() => String, maybe('Why it does not count; null where it does.')) error: string | null
  @Field(() => Int, { description: 'How long it took.' }) milliseconds: number
}

@ObjectType('WebhookDelivery', {
  implements: NodeInterface,
  description: 'One event for one webhook. Kept for EVENT_DAYS after it was settled.',
})
export class WebhookDeliveryType extends NodeInterface {
  @Field(() => ID, { description: 'The webhook that it is for.' }) webhookId: string
  @Field(() => ID, { description: 'The event: the header webhook-id, and the id of a MediaEvent.' })
  eventId: string
  @Field(() => String, { description: 'What has happened, as the payload says it: "media.created".' })
  type: string
  @Field(() => ID, maybe('The media that it happened to; null for what is about the webhook itself.'))
  mediaId: string | null
  @Field(() => DateTime, { description: 'When it happened.' }) occurredAt: Date
  @Field(() => DateTime, { description: 'Since when it is meant to be sent.' }) createdAt: Date
  @Field(() => WebhookDeliveryState, { description: 'Where it stands.' }) state: DeliveryState
  @Field(() => Int, {
    description: 'How often it was begun; counted anew when it was asked for again.',
  })
  attemptCount: number
  @Field(() => [WebhookAttemptType], {
    description: 'What became of its last 20 attempts, the earliest first.',
  })
  attempts: WebhookAttemptType[]
  @Field(
    () => DateTime,
    maybe(
      'When it is tried next, unless an earlier event of the same media still waits then; null unless it waits.',
    ),
  )
  nextAttemptAt: Date | null
  @Field(() => DateTime, maybe('When the receiver took it, or it was given up.')) settledAt: Date | null
}

export const {
  ConnectionType: WebhookDeliveryConnection,
  ConnectionResolver: WebhookDeliveryConnectionResolver,
} = connectionOf('WebhookDelivery', WebhookDeliveryType)

@ArgsType()
export class WebhookDeliveriesArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor of this list: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor of this list: stop ahead of it.')) before?: string | null
  @Field(() => WebhookDeliveryState, maybe('Only those that stand there: DEAD for what was given up.'))
  state?: DeliveryState | null
}
