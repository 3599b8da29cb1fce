import { Arg, Ctx, Extensions, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { payload } from '../../platform/graphql/payload.ts'
import { asPartError, type UserError } from '../../platform/graphql/user-error.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import { inInput } from '../media/media-batch.ts'
import { ProcessingStepType, ReprocessMediaInput, ReprocessMediaPayload } from './processing.type.ts'
import type { Reprocessing } from './reprocessing.ts'
import type { StepsOfMedia } from './steps-of-media.ts'

interface Result {
  readonly mediaId: string
  readonly media: MediaRow | null
  readonly userErrors: readonly UserError[]
}

@Resolver(() => MediaType)
export class ProcessingResolver {
  constructor(
    private readonly deps: {
      readonly steps: Pick<StepsOfMedia, 'of'>
      readonly reprocessing: Pick<Reprocessing, 'run'>
    },
  ) {}

  @Extensions({ columns: ['id'] })
  @FieldResolver(() => [ProcessingStepType], {
    description: 'What is done with its present content, in order; empty where there is nothing to do.',
  })
  processing(@Root() { id }: MediaRow): Promise<readonly ProcessingStepType[]> {
    return this.deps.steps.of(id)
  }

  @Mutation(() => ReprocessMediaPayload, {
    description:
      'Has media looked at again, from the first step on: after a failure, or since the gateway has learnt something. Needs the scope media:update.',
  })
  reprocessMedia(
    @Arg('input', () => ReprocessMediaInput, { description: 'Which media.' }) input: ReprocessMediaInput,
    @Ctx() { viewer }: { viewer: Viewer },
  ) {
    return payload(input, { results: [] as Result[], count: 0 }, async () => {
      const outcomes = await this.deps.reprocessing.run(viewer, input).catch(inInput(['input'], 'ids'))
      const results = outcomes.map(({ id, media, refused }) => ({
        mediaId: id,
        media,
        userErrors: refused ? [asPartError(refused)] : [],
      }))
      return { results, count: outcomes.filter(({ media }) => media !== null).length }
    })
  }
}
