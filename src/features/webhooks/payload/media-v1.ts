import type { SqlText } from '../../../platform/db/sql-builder.ts'
import { MediaKind, MediaStatus, ScanState } from '../../media/media-kind.ts'

/** One field of what is told of a media: where it comes from, and what a receiver may rely on. */
export interface PayloadField {
  /** Over `media m` and the `owner o` that it belongs to. */
  readonly sql: SqlText
  readonly schema: Readonly<Record<string, unknown>>
}

const text = (sql: SqlText, description: string, more: object = {}): PayloadField => ({
  sql,
  schema: { type: 'string', description, ...more },
})
const maybe = ({ sql, schema }: PayloadField): PayloadField => ({
  sql,
  schema: { ...schema, type: [schema.type, 'null'] },
})
const time = (sql: SqlText, description: string) => text(sql, description, { format: 'date-time' })
const integer = (sql: SqlText, description: string): PayloadField => ({
  sql,
  schema: { type: 'integer', minimum: 0, description },
})
const texts = (sql: SqlText, description: string): PayloadField => ({
  sql,
  schema: { type: 'array', items: { type: 'string' }, description },
})

/**
 * What version 1 says of a media. No URL that grants access, no free text and no metadata: who wants those asks the API with
 * the id, as somebody who may. A field may be added within a version; none goes, and none changes its meaning.
 */
export const MEDIA_V1 = {
  id: text('m.id', 'Id of the media, at every door.', { format: 'uuid' }),
  revision: text(`'r' || m.version`, 'Opaque; another one after each change. Takes part as ifMatch.'),
  name: maybe(text('m.name', 'Name of your choice; unique in the account among what is not deleted.')),
  originalFileName: text('m.original_file_name', 'What the file was called where it came from.'),
  title: maybe(text('m.title', 'Title for people.')),
  kind: text('m.kind', 'What it is.', { examples: Object.values(MediaKind) }),
  mimeType: text('m.mime_type', 'MIME type of the bytes.'),
  status: text('m.status', 'Where it stands.', { examples: Object.values(MediaStatus) }),
  statusReason: maybe(text('m.status_reason', 'Why it failed, where it did.')),
  scan: text('m.scan', 'What the malware scan says.', { examples: Object.values(ScanState) }),
  size: maybe(integer('m.size::float8', 'Size in bytes; null while there are none.')),
  sha256: maybe(text('m.sha256', 'SHA-256 of the content in lower-case hex.')),
  contentVersion: integer('m.content_version', 'Grows with each new content, from 1.'),
  width: maybe(integer('m.width', 'Displayed width in pixels.')),
  height: maybe(integer('m.height', 'Displayed height in pixels.')),
  durationSeconds: maybe({
    sql: 'm.duration_seconds',
    schema: { type: 'number', minimum: 0, description: 'Duration of audio and video.' },
  }),
  pageCount: maybe(integer('m.page_count', 'Number of pages of a document.')),
  ownerId: maybe(text('o.external_id', 'For whom it was uploaded, by the id in your system.')),
  groupIds: texts('m.group_ids', 'Groups that it belongs to.'),
  conversationId: maybe(text('m.conversation_id', 'The conversation that it belongs to.')),
  tags: texts('m.tags', 'Tags, in the order in which they were given.'),
  public: {
    sql: 'm.public',
    schema: { type: 'boolean', description: 'Whether its content is delivered without credentials.' },
  },
  createdAt: time('m.created_at', 'When it was uploaded.'),
  updatedAt: time('m.updated_at', 'When anything of it was changed last.'),
  contentUpdatedAt: time('m.content_updated_at', 'When its content was changed last.'),
  expiresAt: maybe(time('m.expires_at', 'When it will expire.')),
} as const satisfies Record<string, PayloadField>
