import GraphQLUpload from 'graphql-upload/GraphQLUpload.mjs'
import type { FileUpload } from 'graphql-upload/processRequest.mjs'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { Payload, payload } from '../../platform/graphql/payload.ts'
import { IDEMPOTENCY_KEY } from '../../platform/idempotency/idempotency-key.ts'
import { type IdempotencyContext, keyedRequest } from '../../platform/idempotency/keyed-request.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import type { IngestService } from './ingest.service.ts'
import { arrivedPart, receivedBytes } from './received-file.ts'

const maybe = (description: string) => ({ nullable: true, description })

@InputType('ReplaceMediaContentInput', { description: 'Whose content to replace, and by which file.' })
export class ReplaceMediaContentInput {
  @Field(() => ID, { description: 'The media.' }) id: string
  @Field(() => GraphQLUpload, { description: 'The file, as a part of a multipart request.' })
  file: Promise<FileUpload>
  @Field(
    () => String,
    maybe(
      'The revision that the media must still have; if it has another one, nothing happens. Without it, any will do.',
    ),
  )
  ifMatch?: string | null
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe('Any text; the payload gives it back.')) clientMutationId?: string | null
}

@ObjectType('ReplaceMediaContentPayload', { description: 'What became of the replacement.' })
export class ReplaceMediaContentPayload extends Payload {
  @Field(() => MediaType, maybe('The media with its new content, durable when you read this.'))
  media: MediaType | null
}

@Resolver()
export class ReplaceResolver {
  constructor(private readonly deps: { ingest: Pick<IngestService, 'replace'> }) {}

  @Mutation(() => ReplaceMediaContentPayload, {
    description:
      'Gives a media another content (GraphQL multipart request specification). What is said about it stays, and what it had stays as a version.',
  })
  replaceMediaContent(
    @Arg('input', () => ReplaceMediaContentInput, { description: 'Which media, and the file.' })
    { clientMutationId, idempotencyKey, file, ...replaces }: ReplaceMediaContentInput,
    @Ctx() context: IdempotencyContext & { readonly viewer: Viewer },
  ) {
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => {
      const part = await arrivedPart(file, ['input', 'file'])
      const { filename: fileName, mimetype: declaredType } = part
      const said = { ...replaces, idempotencyKey, fileName, declaredType }
      const media = await this.deps.ingest.replace({
        viewer: context.viewer,
        body: receivedBytes(part),
        fileName,
        declaredType,
        replaces,
        keyed: keyedRequest('replaceMediaContent', said, context),
      })
      return { media }
    })
  }
}
