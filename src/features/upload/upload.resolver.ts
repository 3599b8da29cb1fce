import GraphQLUpload from 'graphql-upload/GraphQLUpload.mjs'
import type { FileUpload } from 'graphql-upload/processRequest.mjs'
import { Arg, Ctx, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import { AppError } from '../../platform/errors.ts'
import { Payload, payload } from '../../platform/graphql/payload.ts'
import { asPartError, UserError } from '../../platform/graphql/user-error.ts'
import { IDEMPOTENCY_KEY } from '../../platform/idempotency/idempotency-key.ts'
import {
  type IdempotencyContext,
  type KeyedRequest,
  keyedPart,
  keyedRequest,
} from '../../platform/idempotency/keyed-request.ts'
import type { Viewer } from '../access/viewer.ts'
import { MediaFieldsInput } from '../media/media.inputs.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import type { DuplicatePolicy } from './duplicate-policy.ts'
import type { IngestService } from './ingest.service.ts'
import { arrivedPart, receivedBytes } from './received-file.ts'
import { STORE_ID } from './stores/store-id.field.ts'
import { DuplicatePolicyType } from './upload.enums.ts'
import { uploadErrors } from './upload.errors.ts'

@InputType('UploadMediaItemInput', { description: 'A file and what is said about it.' })
export class UploadMediaItemInput extends MediaFieldsInput {
  @Field(() => GraphQLUpload, { description: 'The file, as a part of a multipart request.' })
  file: Promise<FileUpload>
  @Field(() => DuplicatePolicyType, {
    nullable: true,
    defaultValue: 'KEEP',
    description: 'What becomes of it if a media that you may read has the same content; KEEP without it.',
  })
  onDuplicate?: DuplicatePolicy | null
  @Field(() => String, { nullable: true, description: STORE_ID })
  storeId?: string | null
  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
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
  @Field(() => String, {
    nullable: true,
    description: `For the whole batch, instead of a key in each item: sent again, it takes up where it was left. ${IDEMPOTENCY_KEY}`,
  })
  idempotencyKey?: string | null
  @Field(() => String, { nullable: true, description: 'Any text; the payload gives it back.' })
  clientMutationId?: string | null
}

const MEDIA = 'The new media, or the one that onDuplicate returns; durable when you read this.'

@ObjectType('UploadMediaPayload', { description: 'What became of the upload.' })
export class UploadMediaPayload extends Payload {
  @Field(() => MediaType, { nullable: true, description: MEDIA })
  media: MediaType | null
}

@ObjectType('UploadMediaResult', { description: 'What became of one file of a batch.' })
export class UploadMediaResult {
  @Field(() => MediaType, { nullable: true, description: MEDIA })
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
  @Field(() => Int, { description: 'How many of the results have a media.' }) count: number
}

interface UploadContext extends IdempotencyContext {
  readonly viewer: Viewer
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
    @Ctx() context: UploadContext,
  ) {
    const { clientMutationId, ...item } = input
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => ({
      media: await this.#upload(context.viewer, item, {
        at: ['input'],
        keyed: said => keyedRequest('uploadMedia', said, context),
      }),
    }))
  }

  @Mutation(() => UploadMediaBatchPayload, { description: 'Uploads several files; each has its own result.' })
  uploadMediaBatch(
    @Arg('input', () => UploadMediaBatchInput, { description: 'The files, and what is said about them.' })
    { items, idempotencyKey, clientMutationId }: UploadMediaBatchInput,
    @Ctx() context: UploadContext,
  ) {
    const nothing = { results: [] as { media: MediaRow | null; userErrors: UserError[] }[], count: 0 }
    return payload({ clientMutationId }, nothing, async () => {
      const { maxFiles } = this.deps
      if (items.length > maxFiles) {
        throw uploadErrors.TOO_MANY_FILES(`One request takes at most ${maxFiles} files.`, {
          field: ['input', 'items'],
        })
      }
      const whole = keyedRequest(`uploadMediaBatch of ${items.length}`, { idempotencyKey }, context)
      const results: (typeof nothing)['results'] = []
      // One after the other, in the order in which the request carries them.
      for (const [item, input] of items.entries()) {
        const uploaded = this.#upload(context.viewer, input, {
          at: ['input', 'items', String(item)],
          keyed: said => keyedPart(whole, said, { item, alone: 'uploadMedia' }),
        })
        results.push(
          await uploaded.then(
            media => ({ media, userErrors: [] }),
            error => ({ media: null, userErrors: [asPartError(error)] }),
          ),
        )
      }
      return { results, count: results.filter(({ media }) => media).length }
    })
  }

  async #upload(viewer: Viewer, { file, ...input }: UploadMediaItemInput, place: Place): Promise<MediaRow> {
    const upload = await arrivedPart(file, [...place.at, 'file'])
    const { filename: fileName, mimetype: declaredType } = upload
    const { idempotencyKey: _, onDuplicate: policy, storeId, ...fields } = input
    const onDuplicate = policy ?? 'KEEP'
    const keyed = place.keyed({ ...input, onDuplicate, fileName, declaredType })
    return this.deps.ingest
      .ingest({
        door: 'upload',
        viewer,
        body: receivedBytes(upload),
        fileName,
        declaredType,
        fields,
        onDuplicate,
        storeId,
        keyed,
      })
      .catch(relocated(place.at))
  }
}

/** Where an item stands in the input, and under which key it comes. */
interface Place {
  readonly at: readonly string[]
  readonly keyed: (said: Readonly<Record<string, unknown>>) => KeyedRequest | undefined
}

const relocated =
  (at: readonly string[]) =>
  (error: unknown): never => {
    if (!(error instanceof AppError) || !error.field) throw error
    throw error.about([...at, ...error.field.slice(1)])
  }
