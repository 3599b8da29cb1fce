import type { TestApp } from '../support/app.ts'
import type { Door } from './door.ts'
import { GRAPHQL_DOORS } from './graphql-doors.ts'
import { UPLOAD_DOORS } from './upload-doors.ts'

/** Every way in; a test misses those that are not here. */
export const DOORS: readonly Door[] = [...GRAPHQL_DOORS, ...UPLOAD_DOORS]

/** Ways in that this store does not open; why is printed. */
export function closedDoors({ app }: TestApp): Readonly<Record<string, string>> {
  const { storage } = app.foundation
  const writes = storage.presign(storage.defaultStore)?.writes
  if (writes)
    throw new Error('The store hands out presigned requests: their door belongs into this table now.')
  return { 'createUpload, presigned': 'the store of these tests hands out no presigned requests' }
}

/** Mutations and routes with a body through which no bytes of a file come, nor what leads to them. */
export const NO_DOORS: readonly string[] = [
  'Mutation.addToCollection',
  'Mutation.applyLegalHold',
  'Mutation.createApiKey',
  'Mutation.createApplication',
  'Mutation.createCollection',
  'Mutation.createShareLink',
  'Mutation.deleteCollection',
  'Mutation.deleteMedia',
  'Mutation.deleteMediaBatch',
  'Mutation.releaseLegalHold',
  'Mutation.removeFromCollection',
  'Mutation.restoreMedia',
  'Mutation.revokeApiKey',
  'Mutation.revokeApplication',
  'Mutation.revokeShareLink',
  'Mutation.rotateApiKey',
  'Mutation.updateCollection',
  'Mutation.updateMedia',
  'Mutation.updateMediaBatch',
  // Subscriptions alone.
  'POST /graphql/stream',
  // Refused by method.
  'PUT /graphql',
  'PATCH /graphql',
  'POST /media/archive',
]
