import { PRESIGNS } from '../support/stores.ts'
import type { Door } from './door.ts'
import { GRAPHQL_DOORS } from './graphql-doors.ts'
import { PRESIGNED_DOORS } from './presigned-doors.ts'
import { UPLOAD_DOORS } from './upload-doors.ts'

/** Every way in; a test misses those that are not here. */
export const DOORS: readonly Door[] = [
  ...GRAPHQL_DOORS,
  ...UPLOAD_DOORS,
  ...(PRESIGNS ? PRESIGNED_DOORS : []),
]

/** For one case of many: a third of the doors, others for the next one, and the first, which the others are compared with. */
export const thirdOfDoors = (number: number): readonly Door[] =>
  DOORS.filter((_, door) => door === 0 || (door + number) % 3 === 0)

/** Ways in that the store of this run does not open; why is printed. */
export const CLOSED_DOORS: Readonly<Record<string, string>> = PRESIGNS
  ? {}
  : Object.fromEntries(
      PRESIGNED_DOORS.map(({ name }) => [name, 'the store of this run hands out no presigned requests']),
    )

/** Mutations and routes with a body through which no bytes of a file come, nor what leads to them. */
export const NO_DOORS: readonly string[] = [
  'Mutation.addToCollection',
  'Mutation.applyLegalHold',
  'Mutation.createApiKey',
  'Mutation.createApplication',
  'Mutation.createCollection',
  'Mutation.createShareLink',
  'Mutation.createWebhook',
  'Mutation.deleteCollection',
  'Mutation.deleteMedia',
  'Mutation.deleteMediaBatch',
  'Mutation.deleteWebhook',
  'Mutation.redeliverWebhook',
  'Mutation.releaseLegalHold',
  'Mutation.removeFromCollection',
  'Mutation.reprocessMedia',
  'Mutation.restoreMedia',
  'Mutation.revokeApiKey',
  'Mutation.revokeApplication',
  'Mutation.revokeShareLink',
  'Mutation.rotateApiKey',
  'Mutation.rotateWebhookSecret',
  'Mutation.testWebhook',
  'Mutation.updateCollection',
  'Mutation.updateMedia',
  'Mutation.updateMediaBatch',
  'Mutation.updateWebhook',
  // Subscriptions alone.
  'POST /graphql/stream',
  // Refused by method.
  'PUT /graphql',
  'PATCH /graphql',
  'POST /media/archive',
]
