import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { Payload, payload } from '../../../platform/graphql/payload.ts'
import { IDEMPOTENCY_KEY } from '../../../platform/idempotency/idempotency-key.ts'
import { type IdempotencyContext, keyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import type { Viewer } from '../../access/viewer.ts'
import { MediaFieldsInput } from '../../media/media.inputs.ts'
import type { MediaRow } from '../../media/media.row.ts'
import { MediaType } from '../../media/media.type.ts'
import { STORE_ID } from '../stores/store-id.field.ts'
import type { ImportService } from './import.service.ts'

@InputType('ImportMediaInput', { description: 'Where a file is, and what is said about it.' })
export class ImportMediaInput extends MediaFieldsInput {
  @Field(() => String, {
    description:
      'An http or https URL of at most 2 048 characters, at a place that the gateway may fetch from; without a user name and password.',
  })
  url: string
  @Field(() => String, {
    nullable: true,
    description:
      'What to call the file; at most 255 characters. Without it, what its server calls it, or the end of the URL.',
  })
  fileName?: string | null
  @Field(() => String, { nullable: true, description: STORE_ID })
  storeId?: string | null
  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
  @Field(() => String, { nullable: true, description: 'Any text; the payload gives it back.' })
  clientMutationId?: string | null
}

@ObjectType('ImportMediaPayload', { description: 'What became of the request.' })
export class ImportMediaPayload extends Payload {
  @Field(() => MediaType, {
    nullable: true,
    description:
      'The new media, PENDING: its content is fetched in the background, until it is COMPLETED, or FAILED with a statusReason.',
  })
  media: MediaType | null
}

interface Context extends IdempotencyContext {
  readonly viewer: Viewer
}

@Resolver()
export class ImportResolver {
  constructor(private readonly deps: { readonly imports: Pick<ImportService, 'request'> }) {}

  @Mutation(() => ImportMediaPayload, {
    description: 'Fetches a file from a URL, in the background; off unless the operator says where from.',
  })
  importMedia(
    @Arg('input', () => ImportMediaInput, { description: 'Where the file is, and what is said about it.' })
    { clientMutationId, ...input }: ImportMediaInput,
    @Ctx() context: Context,
  ) {
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => {
      const { idempotencyKey: _, url, fileName, storeId, ...fields } = input
      const keyed = keyedRequest('importMedia', input, context)
      return {
        media: await this.deps.imports.request({
          viewer: context.viewer,
          url,
          fileName,
          storeId,
          fields,
          keyed,
        }),
      }
    })
  }
}
