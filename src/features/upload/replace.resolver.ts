import GraphQLUpload from 'graphql-upload/GraphQLUpload.mjs'
import type { FileUpload } from 'graphql-upload/processRequest.mjs'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { Payload, payload } from '../../platform/graphql/payload.ts'
import { IDEMPOTENCY_KEY } from '../../platform/idempotency/idempotency-key.ts'
import { type IdempotencyContext, keyedRequest } from '../../platform/idempotency/keyed-request.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaErrors } from '../media/media.errors.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import type { IngestService } from './ingest.service.ts'
import { arrivedPart, receivedBytes } from './received-file.ts'
import { STORE_ID } from './stores/store-id.field.ts'
import type { TicketCompletion } from './tickets/ticket-completion.ts'

const maybe = (description: string) => ({ nullable: true, description })

@InputType('ReplaceMediaContentInput', { description: 'Whose content to replace, and by which file.' })
export class ReplaceMediaContentInput {
  @Field(() => ID, { description: 'The media.' }) id: string
  @Field(() => GraphQLUpload, maybe('The file, as a part of a multipart request. This or ticketId.'))
  file?: Promise<FileUpload> | null
  @Field(
    () => ID,
    maybe('The upload whose bytes it is, from createUpload, once they have come. It is completed by this.'),
  )
  ticketId?: string | null
  @Field(
    () => String,
    maybe(
      'The revision that the media must still have; if it has another one, nothing happens. Without it, any will do.',
    ),
  )
  ifMatch?: string | null
  @Field(() => String, maybe(`With file: ${STORE_ID}`)) storeId?: string | null
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe('Any text; the payload gives it back.')) clientMutationId?: string | null
}

@ObjectType('ReplaceMediaContentPayload', { description: 'What became of the replacement.' })
export class ReplaceMediaContentPayload extends Payload {
  @Field(() => MediaType, maybe('The media with its new content, durable when you read this.'))
  media: MediaType | null
}

interface Context extends IdempotencyContext {
  readonly viewer: Viewer
}

const oneSource = () =>
  mediaErrors.INVALID_INPUT('Give the new content by file or by ticketId, one of them.', {
    field: ['input', 'file'],
  })

@Resolver()
export class ReplaceResolver {
  constructor(
    private readonly deps: {
      readonly ingest: Pick<IngestService, 'replace'>
      readonly completion: Pick<TicketCompletion, 'complete'>
    },
  ) {}

  @Mutation(() => ReplaceMediaContentPayload, {
    description:
      'Gives a media another content, by a file (GraphQL multipart request specification) or by a ticket. What is said about it stays, and what it had stays as a version. Where a retention rule ends the media sooner by its new content, the scope media:delete is needed as well.',
  })
  replaceMediaContent(
    @Arg('input', () => ReplaceMediaContentInput, { description: 'Which media, and the file.' })
    { clientMutationId, ...input }: ReplaceMediaContentInput,
    @Ctx() context: Context,
  ) {
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => {
      const { id, ifMatch, file, ticketId } = input
      if ((file == null) === (ticketId == null)) throw oneSource()
      const media =
        ticketId == null
          ? await this.#byFile(input, context)
          : await this.deps.completion.complete(context.viewer, ticketId, { id, ifMatch })
      return { media }
    })
  }

  async #byFile(
    { idempotencyKey, file, ticketId: _, storeId, ...replaces }: ReplaceMediaContentInput,
    context: Context,
  ): Promise<MediaRow> {
    const part = await arrivedPart(file ?? undefined, ['input', 'file'])
    const { filename: fileName, mimetype: declaredType } = part
    const said = { ...replaces, storeId, idempotencyKey, fileName, declaredType }
    return this.deps.ingest.replace({
      door: 'upload',
      viewer: context.viewer,
      body: receivedBytes(part),
      fileName,
      declaredType,
      replaces,
      storeId,
      keyed: keyedRequest('replaceMediaContent', said, context),
    })
  }
}
