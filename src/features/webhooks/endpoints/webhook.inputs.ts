import { ArgsType, Field, ID, InputType, Int } from 'type-graphql'
import type { PageArguments } from '../../../platform/db/keyset.ts'
import { IDEMPOTENCY_KEY } from '../../../platform/idempotency/idempotency-key.ts'
import { MediaEventType } from '../../events/media-event-type.ts'
import { MediaFilterInput } from '../../media/filter.inputs.ts'
import type { WebhookFields } from './webhook.fields.ts'
import type { NewWebhook, WebhookChange } from './webhook.service.ts'

const maybe = (description: string) => ({ nullable: true, description })
const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'
const URL_TEXT =
  'Where requests go: https, at a place that the operator allows; at most 2 048 characters. No user name or password in it.'

@ArgsType()
export class WebhooksArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor of this list: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor of this list: stop ahead of it.')) before?: string | null
}

/** What is said about a webhook, new or not. */
@InputType()
abstract class WebhookFieldsInput implements WebhookFields {
  @Field(() => String, maybe('What it is for; at most 500 characters.')) description?: string | null
  @Field(() => [MediaEventType], maybe('What to tell of; null = everything, also what will be new.'))
  eventTypes?: MediaEventType[] | null
  @Field(
    () => MediaFilterInput,
    maybe(
      'Of which media to tell: they are judged when the event is taken up, mostly at once. What is gone for good by then is told of anyway.',
    ),
  )
  filter?: MediaFilterInput | null
  @Field(() => Int, maybe('The version of what is sent; the latest one without it.'))
  payloadVersion?: number | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('CreateWebhookInput', { description: 'Where to tell of what.' })
export class CreateWebhookInput extends WebhookFieldsInput implements NewWebhook {
  @Field(() => String, { description: URL_TEXT }) url: string
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
}

@InputType('UpdateWebhookInput', {
  description: 'What to change: what is absent stays, null clears. Its secret stays.',
})
export class UpdateWebhookInput extends WebhookFieldsInput implements WebhookChange {
  @Field(() => ID, { description: 'The webhook.' }) id: string
  @Field(() => String, maybe(URL_TEXT)) url?: string | null
  @Field(
    () => Boolean,
    maybe(
      'false: send nothing more. true: go on where it stood; what was not kept for so long is missed, and it is told so.',
    ),
  )
  enabled?: boolean | null
}

@InputType('DeleteWebhookInput', { description: 'Which webhook to delete.' })
export class DeleteWebhookInput {
  @Field(() => ID, { description: 'The webhook.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('RotateWebhookSecretInput', { description: 'Which webhook gets another secret.' })
export class RotateWebhookSecretInput {
  @Field(() => ID, { description: 'The webhook.' }) id: string
  @Field(
    () => Int,
    maybe(
      'For how many seconds the present secret signs beside the new one: 0 to 604 800; a day without it.',
    ),
  )
  keepOldForSeconds?: number | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('TestWebhookInput', { description: 'Which webhook to try.' })
export class TestWebhookInput {
  @Field(() => ID, { description: 'The webhook.' }) id: string
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('RedeliverWebhookInput', { description: 'What to send again.' })
export class RedeliverWebhookInput {
  @Field(() => ID, {
    description: 'A delivery, whatever became of it; or a webhook, for all of it that was given up.',
  })
  id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}
