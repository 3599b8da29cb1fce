import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Payload } from '../../platform/graphql/payload.ts'
import { DateTime } from '../../platform/graphql/scalars.ts'
import { UserError } from '../../platform/graphql/user-error.ts'
import { MediaFilterInput } from '../media/filter.inputs.ts'
import { MediaType } from '../media/media.type.ts'
import { MOST_ITEMS } from '../media/media-changes.service.ts'
import { MOST_MATCHES } from '../media/media-locks.ts'
import { STEP_NAMES, STEP_STATES, type StepName, type StepState } from './step.ts'

const maybe = (description: string) => ({ nullable: true, description })
const upper = <T extends string>(names: readonly T[]) =>
  Object.fromEntries(names.map(name => [name.toUpperCase(), name])) as {
    readonly [K in T as Uppercase<K>]: K
  }

export const ProcessingStepName = upper(STEP_NAMES)
export const ProcessingStepState = upper(STEP_STATES)

registerEnumType(ProcessingStepName, {
  name: 'ProcessingStepName',
  description: 'What is done with a content after it has come.',
  valuesConfig: {
    SCAN: { description: 'A look for malware, where a scanner is configured.' },
    PROBE: { description: 'What the bytes tell: size, duration, pages, camera, place.' },
    PREVIEW: { description: 'Pictures of it: the page of a document, the frame of a video, the thumbnail.' },
  },
})

registerEnumType(ProcessingStepState, {
  name: 'ProcessingStepState',
  description: 'How far a step has come.',
  valuesConfig: {
    WAITING: { description: 'It waits for its turn, or for another attempt; then the reason is `retried`.' },
    RUNNING: { description: 'It is being done.' },
    DONE: { description: 'What it is for is there.' },
    SKIPPED: { description: 'There was nothing to do, or nothing to do it with; the reason says which.' },
    FAILED: { description: 'It cannot be done with these bytes; the reason says why.' },
  },
})

@ObjectType('ProcessingStep', {
  simpleResolvers: true,
  description: 'One thing that is done with the content of a media after it has come.',
})
export class ProcessingStepType {
  @Field(() => ProcessingStepName, { description: 'Which.' }) name: StepName
  @Field(() => ProcessingStepState, { description: 'How far it has come.' }) state: StepState
  @Field(() => String, maybe('A stable word for why it was skipped, has failed, or is tried again.'))
  reason: string | null
  @Field(() => String, maybe('What a person may want to know of that, in no fixed form.'))
  detail: string | null
  @Field(() => DateTime, { description: 'When it came so far.' }) updatedAt: Date | string
}

@InputType('ReprocessMediaInput', {
  description: 'Which media to look at again: either ids, or a filter, such as one of status FAILED.',
})
export class ReprocessMediaInput {
  @Field(() => [ID], maybe(`The media; at most ${MOST_ITEMS}.`)) ids?: string[] | null
  @Field(
    () => MediaFilterInput,
    maybe(`All media that match and that you may see and change; at most ${MOST_MATCHES}.`),
  )
  filter?: MediaFilterInput | null
  @Field(() => Boolean, { defaultValue: false, description: 'Whether to say only which media it would be.' })
  dryRun: boolean
  @Field(() => String, maybe('Any text; the payload gives it back.')) clientMutationId?: string | null
}

@ObjectType('ReprocessMediaResult', { description: 'What became of one media.' })
export class ReprocessMediaResult {
  @Field(() => ID, { description: 'The media, as the input named it or as the filter found it.' })
  mediaId: string
  @Field(() => MediaType, maybe('The media as it is now; null when nothing is done with it.'))
  media: MediaType | null
  @Field(() => [UserError], { description: 'What the user can mend about this one.' })
  userErrors: UserError[]
}

@ObjectType('ReprocessMediaPayload', { description: 'Which media are looked at again.' })
export class ReprocessMediaPayload extends Payload {
  @Field(() => [ReprocessMediaResult], {
    description:
      'One result for each media: in the order of the ids, or oldest first where a filter found them.',
  })
  results: ReprocessMediaResult[]
  @Field(() => Int, { description: 'How many are looked at; in a dry run, how many would be.' })
  count: number
}
