import { registerEnumType } from 'type-graphql'

export interface EventKind {
  /** Its name in the outbox. */
  readonly recorded: string
  readonly description: string
}

/** What can happen to a media; a new kind is a new row. */
const KINDS = {
  CREATED: {
    recorded: 'media.created',
    description: 'The media is there, with its content; an import, still without.',
  },
  COMPLETED: { recorded: 'media.completed', description: 'Its content has come: an import has ended well.' },
  FAILED: { recorded: 'media.failed', description: 'Its content will not come; its statusReason says why.' },
  PROCESSED: {
    recorded: 'media.processed',
    description:
      'What can be known of its content is known, and its pictures are there, or a step has failed; its status says which.',
  },
  UPDATED: { recorded: 'media.updated', description: 'Something that is said about it was changed.' },
  REPLACED: {
    recorded: 'media.replaced',
    description: 'It has another content; what is said about it is the same.',
  },
  QUARANTINED: {
    recorded: 'media.quarantined',
    description:
      'Malware was found in a content of it, present or replaced, which is not delivered any more.',
  },
  DELETED: { recorded: 'media.deleted', description: 'It has left every list; its bytes go later.' },
  PURGED: {
    recorded: 'media.purged',
    description: 'It went for good, and the last of its bytes are gone.',
  },
  EXPIRED: {
    recorded: 'media.expired',
    description: 'Its time was over: it has left every list, and its bytes go later, or soon.',
  },
  RESTORED: {
    recorded: 'media.restored',
    description: 'It was taken out of the trash, and is in every list again.',
  },
  HELD: { recorded: 'media.held', description: 'A legal hold was put on it.' },
  RELEASED: { recorded: 'media.released', description: 'A legal hold on it was released.' },
} as const satisfies Record<string, EventKind>

export type MediaEventType = keyof typeof KINDS
export const MediaEventType = Object.fromEntries(Object.keys(KINDS).map(name => [name, name])) as {
  readonly [Name in MediaEventType]: Name
}

const byRecorded = new Map<string, MediaEventType>(
  Object.entries(KINDS).map(([name, { recorded }]) => [recorded, name as MediaEventType]),
)

/** Every kind, in the order of the table. */
export const MEDIA_EVENTS: readonly (EventKind & { readonly name: MediaEventType })[] = Object.entries(
  KINDS,
).map(([name, kind]) => ({ name: name as MediaEventType, ...kind }))

/** Undefined for what the outbox tells of other things. */
export const mediaEventType = (recorded: string): MediaEventType | undefined => byRecorded.get(recorded)

registerEnumType(MediaEventType, {
  name: 'MediaEventType',
  description: 'What has happened to a media.',
  valuesConfig: Object.fromEntries(
    Object.entries(KINDS).map(([name, { description }]) => [name, { description }]),
  ),
})
