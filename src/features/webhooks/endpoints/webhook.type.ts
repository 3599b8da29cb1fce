import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../../platform/graphql/connection.ts'
import { NodeInterface } from '../../../platform/graphql/node.ts'
import { Payload } from '../../../platform/graphql/payload.ts'
import { DateTime, JSONObject } from '../../../platform/graphql/scalars.ts'
import { MediaEventType } from '../../events/media-event-type.ts'
import { WebhookDeliveryType } from '../deliveries/delivery.type.ts'
import { DISABLED_REASONS, type DisabledReason } from './webhook.row.ts'

const maybe = (description: string) => ({ nullable: true, description })

const WebhookDisabledReason = Object.fromEntries(Object.keys(DISABLED_REASONS).map(name => [name, name]))
registerEnumType(WebhookDisabledReason, {
  name: 'WebhookDisabledReason',
  description: 'Why nothing is sent to a webhook.',
  valuesConfig: Object.fromEntries(
    Object.entries(DISABLED_REASONS).map(([name, description]) => [name, { description }]),
  ),
})

/** The fields of WebhookRow that are shown as they are; the resolver makes the others. */
@ObjectType('Webhook', {
  implements: NodeInterface,
  description:
    'A URL of the account that is told of events, signed as Standard Webhooks says. Its secret is shown only when it is made.',
})
export class WebhookType extends NodeInterface {
  @Field(() => String, { description: 'Where requests go.' }) url: string
  @Field(() => String, { description: 'What it is for, in your words; empty without any.' })
  description: string
  @Field(() => [MediaEventType], maybe('What it is told of; null = everything, also what will be new.'))
  eventTypes: MediaEventType[] | null
  @Field(() => JSONObject, maybe('Of which media it is told: a MediaFilter as it was given; null = of all.'))
  filter: object | null
  @Field(() => Int, {
    description: 'The version of what it is sent: its JSON Schema is at /webhooks/schemas/v{version}.json.',
  })
  payloadVersion: number
  @Field(() => String, { description: 'Names the credential that made it.' }) createdBy: string
  @Field(() => DateTime, { description: 'When it was made.' }) createdAt: Date
  @Field(() => DateTime, { description: 'When it was changed last.' }) updatedAt: Date
  @Field(() => DateTime, maybe('Since when nothing is sent to it; null while it is enabled.'))
  disabledAt: Date | null
  @Field(() => WebhookDisabledReason, maybe('Why it is disabled.')) disabledReason: DisabledReason | null
  @Field(
    () => DateTime,
    maybe(
      'Since when its receiver is asked and takes nothing; null where the last attempt went well, or nothing waits any more.',
    ),
  )
  failingSince: Date | null
  @Field(() => DateTime, maybe('Until when the secret before this one signs, too; null when it does not.'))
  oldSecretUntil: Date | null
  @Field(
    () => DateTime,
    maybe('When it was told last that events may have gone before they were sent to it; null if never.'),
  )
  missedEventsAt: Date | null
}

export const { ConnectionType: WebhookConnection, ConnectionResolver: WebhookConnectionResolver } =
  connectionOf('Webhook', WebhookType)

@ObjectType()
abstract class IssuedWebhookPayload extends Payload {
  @Field(() => WebhookType, maybe('The webhook.')) webhook: WebhookType | null
  @Field(
    () => String,
    maybe(
      'What its requests are signed with: "whsec_" and base64. Shown this once; null when the request is repeated.',
    ),
  )
  secret: string | null
}

@ObjectType('CreateWebhookPayload', { description: 'The new webhook, and its secret for the only time.' })
export class CreateWebhookPayload extends IssuedWebhookPayload {}

@ObjectType('RotateWebhookSecretPayload', {
  description: 'The webhook, and its new secret for the only time.',
})
export class RotateWebhookSecretPayload extends IssuedWebhookPayload {}

@ObjectType('UpdateWebhookPayload', { description: 'What became of the change.' })
export class UpdateWebhookPayload extends Payload {
  @Field(() => WebhookType, maybe('The webhook as it is now.')) webhook: WebhookType | null
}

@ObjectType('DeleteWebhookPayload', { description: 'What became of the deletion.' })
export class DeleteWebhookPayload extends Payload {
  @Field(() => ID, maybe('Id of the webhook that is gone.')) deletedWebhookId: string | null
}

@ObjectType('TestWebhookPayload', { description: 'What became of the test.' })
export class TestWebhookPayload extends Payload {
  @Field(() => WebhookDeliveryType, maybe('The delivery of the test: look again what becomes of it.'))
  delivery: WebhookDeliveryType | null
}

@ObjectType('RedeliverWebhookPayload', { description: 'What is sent again.' })
export class RedeliverWebhookPayload extends Payload {
  @Field(() => Int, { description: 'How many deliveries are tried again.' }) count: number
  @Field(() => WebhookDeliveryType, maybe('The delivery, where one was named.'))
  delivery: WebhookDeliveryType | null
}
