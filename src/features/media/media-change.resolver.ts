import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, Info, Mutation, Resolver } from 'type-graphql'
import { payload } from '../../platform/graphql/payload.ts'
import { selectedColumns } from '../../platform/graphql/selection.ts'
import { asPartError, asUserError, type UserError } from '../../platform/graphql/user-error.ts'
import type { MediaContext } from './media.resolver.ts'
import type { MediaRow } from './media.row.ts'
import type { Columns } from './media.service.ts'
import { deleteBatch, updateBatch } from './media-batch.ts'
import {
  DeleteMediaBatchInput,
  DeleteMediaInput,
  UpdateMediaBatchInput,
  UpdateMediaInput,
} from './media-change.inputs.ts'
import {
  DeleteMediaBatchPayload,
  DeleteMediaPayload,
  UpdateMediaBatchPayload,
  UpdateMediaPayload,
} from './media-change.type.ts'
import type { MediaChanges } from './media-changes.service.ts'

interface Result {
  readonly mediaId: string
  readonly userErrors: readonly UserError[]
}

@Resolver()
export class MediaChangeResolver {
  constructor(private readonly changes: MediaChanges) {}

  @Mutation(() => UpdateMediaPayload, { description: 'Changes what is said about a media, not its content.' })
  updateMedia(
    @Arg('input', () => UpdateMediaInput, { description: 'What to change.' }) input: UpdateMediaInput,
    @Ctx() { viewer }: MediaContext,
  ) {
    const { id, ifMatch, clientMutationId, ...fields } = input
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => ({
      media: await this.changes.update(viewer, { id, ifMatch, fields }),
    }))
  }

  @Mutation(() => UpdateMediaBatchPayload, {
    description: 'Changes several media in one go, each as updateMedia would; each has its own result.',
  })
  updateMediaBatch(
    @Arg('input', () => UpdateMediaBatchInput, { description: 'Which media, and what to change.' })
    input: UpdateMediaBatchInput,
    @Ctx() { viewer }: MediaContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    const columns = selectedColumns(info, 'Media') as Columns
    const nothing = { results: [] as (Result & { media: MediaRow | null })[], count: 0 }
    return payload(input, nothing, async () => {
      const { outcomes, count, undone } = await updateBatch(this.changes, viewer, { ...input, columns })
      const results = outcomes.map(({ id, media, refused }) => ({
        mediaId: id,
        media,
        userErrors: refused ? [asPartError(refused)] : [],
      }))
      return { results, count, ...(undone ? { userErrors: [asUserError(undone)] } : {}) }
    })
  }

  @Mutation(() => DeleteMediaPayload, {
    description:
      'Deletes a media; it leaves every list at once, and lies in the trash unless it is to go for good.',
  })
  deleteMedia(
    @Arg('input', () => DeleteMediaInput, { description: 'Which media.' }) input: DeleteMediaInput,
    @Ctx() { viewer }: MediaContext,
  ) {
    const { permanent, ...wish } = input
    const nothing = { deletedMediaId: null as string | null, purgedAt: null as Date | null }
    return payload(input, nothing, async () => {
      const { id, purgedAt } = await this.changes.delete(viewer, wish, { permanent })
      return { deletedMediaId: id, purgedAt }
    })
  }

  @Mutation(() => DeleteMediaBatchPayload, {
    description: 'Deletes several media in one go, each as deleteMedia would; each has its own result.',
  })
  deleteMediaBatch(
    @Arg('input', () => DeleteMediaBatchInput, { description: 'Which media.' }) input: DeleteMediaBatchInput,
    @Ctx() { viewer }: MediaContext,
  ) {
    const nothing = {
      results: [] as (Result & { deletedMediaId: string | null; purgedAt: Date | null })[],
      count: 0,
    }
    return payload(input, nothing, async () => {
      const { outcomes, count, undone } = await deleteBatch(this.changes, viewer, input)
      const results = outcomes.map(({ id, media, refused, purgedAt = null }) => ({
        mediaId: id,
        deletedMediaId: media && id,
        purgedAt,
        userErrors: refused ? [asPartError(refused)] : [],
      }))
      return { results, count, ...(undone ? { userErrors: [asUserError(undone)] } : {}) }
    })
  }
}
