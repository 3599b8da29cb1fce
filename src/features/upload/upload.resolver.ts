import GraphQLUpload from 'graphql-upload/GraphQLUpload.mjs'
import type { FileUpload } from 'graphql-upload/processRequest.mjs'
import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { Payload, payload } from '../../platform/graphql/payload.ts'
import { asUserError, UserError } from '../../platform/graphql/user-error.ts'
import type { Viewer } from '../access/viewer.ts'
import { MediaFieldsInput } from '../media/media.inputs.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import type { IngestService } from './ingest.service.ts'
import { receivedBytes } from './received-file.ts'
import { fileMissing, uploadErrors } from './upload.errors.ts'

@InputType('UploadMediaItemInput', { description: 'A file and what is said about it.' })
export class UploadMediaItemInput extends MediaFieldsInput {
  @Field(() => GraphQLUpload, { description: 'The file, as a part of a multipart request.' })
  file: Promise<FileUpload>
}

@InputType('UploadMediaInput', { description: 'A file and what is said about it.' })
export class UploadMediaInput extends UploadMediaItemInput {
  @Field(() => String, { nullable: true, description: 'Any text; the payload gives it back.' })
  clientMutationId?: string | null
}

@InputType('UploadMediaBatchInput', { description: 'Several files of one request.' })
export class UploadMediaBatchInput {
  @Field(() => [UploadMediaItemInput], { description: 'The files; each stands or falls by itself.' })
  items: UploadMediaItemInput[]
  @Field(() => String, { nullable: true, description: 'Any text; the payload gives it back.' })
  clientMutationId?: string | null
}

@ObjectType('UploadMediaPayload', { description: 'What became of the upload.' })
export class UploadMediaPayload extends Payload {
  @Field(() => MediaType, { nullable: true, description: 'The new media, durable when you read this.' })
  media: MediaType | null
}

@ObjectType('UploadMediaResult', { description: 'What became of one file of a batch.' })
export class UploadMediaResult {
  @Field(() => MediaType, { nullable: true, description: 'The new media, durable when you read this.' })
  media: MediaType | null
  @Field(() => [UserError], { description: 'What the user can mend about this file.' })
  userErrors: UserError[]
}

@ObjectType('UploadMediaBatchPayload', {
  description: 'What became of each file, in the order of the items.',
})
export class UploadMediaBatchPayload extends Payload {
  @Field(() => [UploadMediaResult], { description: 'One result for each item, in their order.' })
  results: UploadMediaResult[]
}

/** The multipart door: GraphQL multipart requests carry the bytes. */
@Resolver()
export class UploadResolver {
  constructor(private readonly deps: { ingest: Pick<IngestService, 'ingest'>; maxFiles: number }) {}

  @Mutation(() => UploadMediaPayload, {
    description: 'Uploads one file (GraphQL multipart request specification).',
  })
  uploadMedia(
    @Arg('input', () => UploadMediaInput, { description: 'The file, and what is said about it.' })
    input: UploadMediaInput,
    @Ctx() { viewer }: { viewer: Viewer },
  ) {
    const { clientMutationId, ...item } = input
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => ({
      media: await this.#upload(viewer, item, ['input', 'file']),
    }))
  }

  @Mutation(() => UploadMediaBatchPayload, { description: 'Uploads several files; each has its own result.' })
  uploadMediaBatch(
    @Arg('input', () => UploadMediaBatchInput, { description: 'The files, and what is said about them.' })
    input: UploadMediaBatchInput,
    @Ctx() { viewer }: { viewer: Viewer },
  ) {
    return payload(
      input,
      { results: [] as { media: MediaRow | null; userErrors: UserError[] }[] },
      async () => {
        const { maxFiles } = this.deps
        if (input.items.length > maxFiles) {
          throw uploadErrors.TOO_MANY_FILES(`One request takes at most ${maxFiles} files.`, {
            field: ['input', 'items'],
          })
        }
        const results = []
        // One after the other, in the order in which the request carries them.
        for (const [index, item] of input.items.entries()) {
          const field = ['input', 'items', String(index), 'file']
          results.push(
            await this.#upload(viewer, item, field).then(
              media => ({ media, userErrors: [] }),
              error => ({ media: null, userErrors: [asUserError(error)] }),
            ),
          )
        }
        return { results }
      },
    )
  }

  async #upload(
    viewer: Viewer,
    { file, ...fields }: UploadMediaItemInput,
    field: readonly string[],
  ): Promise<MediaRow> {
    const upload = await file?.catch((error: unknown) => {
      throw fileMissing(field, error)
    })
    if (typeof upload?.createReadStream !== 'function') throw fileMissing(field)
    return this.deps.ingest.ingest({
      viewer,
      body: receivedBytes(upload),
      fileName: upload.filename,
      declaredType: upload.mimetype,
      fields,
    })
  }
}
