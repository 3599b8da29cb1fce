import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Clock } from '../../../platform/clock.ts'
import { payload } from '../../../platform/graphql/payload.ts'
import { type IdempotencyContext, keyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import type { PresignedRequest } from '../../../platform/storage/driver.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { MediaRow } from '../../media/media.row.ts'
import type { PresignedUploads } from './presigned.ts'
import type { TicketRow } from './ticket.row.ts'
import type { Tickets } from './ticket.service.ts'
import {
  CompleteUploadInput,
  CompleteUploadPayload,
  CreateUploadInput,
  CreateUploadPayload,
  UploadTicketType,
} from './ticket.type.ts'
import type { TicketCompletion } from './ticket-completion.ts'
import type { TicketUrls } from './ticket-urls.ts'

interface Context extends IdempotencyContext {
  readonly viewer: Viewer
}

@Resolver()
export class TicketResolver {
  constructor(
    private readonly deps: {
      readonly tickets: Pick<Tickets, 'create'>
      readonly completion: Pick<TicketCompletion, 'complete'>
      readonly presigned: Pick<PresignedUploads, 'requestsFor'>
      readonly urls: Pick<TicketUrls, 'urlOf'>
      readonly clock: Clock
      /** Whether the store of a ticket takes bytes in pieces. */
      readonly isResumable: (ticket: TicketRow) => boolean
    },
  ) {}

  @Mutation(() => CreateUploadPayload, {
    description:
      'Permits one file to come apart from GraphQL: by PUT, by tus, or to the store itself. What may come is decided now.',
  })
  createUpload(
    @Arg('input', () => CreateUploadInput, { description: 'What will come, and what is said about it.' })
    { clientMutationId, ...input }: CreateUploadInput,
    @Ctx() context: Context,
  ) {
    return payload({ clientMutationId }, { ticket: null as UploadTicketType | null }, async () => {
      const { idempotencyKey: _, fileName, mimeType, size, maxSize, sha256, accept, ...rest } = input
      const { replaces, presigned, onDuplicate, storeId, ...fields } = rest
      const keyed = keyedRequest('createUpload', input, context)
      const wish = {
        fileName,
        mimeType,
        size,
        maxSize,
        sha256,
        accept,
        replaces,
        presigned,
        onDuplicate,
        storeId,
        fields,
      }
      return { ticket: await this.#shown(await this.deps.tickets.create(context.viewer, wish, keyed)) }
    })
  }

  @Mutation(() => CompleteUploadPayload, {
    description:
      'Makes the bytes that came for a ticket a media, or the content of the one it replaces; asked again, it answers with the same one.',
  })
  completeUpload(
    @Arg('input', () => CompleteUploadInput, { description: 'Which upload.' })
    { id, clientMutationId }: CompleteUploadInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, { media: null as MediaRow | null }, async () => ({
      media: await this.deps.completion.complete(viewer, id),
    }))
  }

  async #shown(ticket: TicketRow): Promise<UploadTicketType> {
    const { urls, presigned, clock, isResumable } = this.deps
    const url = urls.urlOf(ticket.id)
    const direct = await presigned.requestsFor(ticket, clock.now())
    return {
      id: ticket.id,
      putUrl: url,
      tusEndpoint: isResumable(ticket) ? url : null,
      presigned: direct && { partSize: direct.partSize, requests: direct.requests.map(shownRequest) },
      expiresAt: ticket.expiresAt,
    }
  }
}

const shownRequest = ({ headers, ...request }: PresignedRequest) => ({
  ...request,
  headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
})
