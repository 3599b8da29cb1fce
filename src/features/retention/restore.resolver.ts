import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { Payload, payload } from '../../platform/graphql/payload.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import type { RestoreService } from './restore.service.ts'

@InputType('RestoreMediaInput', { description: 'What to take out of the trash.' })
export class RestoreMediaInput {
  @Field(() => ID, { description: 'The media.' }) id: string
  @Field(() => String, { nullable: true, description: 'Any text; the payload gives it back.' })
  clientMutationId?: string | null
}

@ObjectType('RestoreMediaPayload', { description: 'What became of the restoration.' })
export class RestoreMediaPayload extends Payload {
  @Field(() => MediaType, { nullable: true, description: 'The media, in every list again.' })
  media: MediaType | null
}

@Resolver()
export class RestoreResolver {
  constructor(private readonly service: Pick<RestoreService, 'restore'>) {}

  @Mutation(() => RestoreMediaPayload, {
    description:
      'Takes a media out of the trash, as it was, with its name, tags, collections and share links. One that has expired is kept from then on, unless a binding retention rule lets nobody: then it stays where it is. Needs the scope media:delete.',
  })
  restoreMedia(
    @Arg('input', () => RestoreMediaInput, { description: 'Which media.' }) input: RestoreMediaInput,
    @Ctx() { viewer }: { viewer: Viewer },
  ) {
    return payload(input, { media: null as MediaRow | null }, async () => ({
      media: await this.service.restore(viewer, input.id),
    }))
  }
}
