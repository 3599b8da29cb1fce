import { MEDIA_EVENTS } from '../../events/media-event-type.ts'
import { DISABLED_REASONS } from '../endpoints/webhook.row.ts'
import { MEDIA_V1, type PayloadField } from './media-v1.ts'

export interface PayloadVersion {
  readonly media: Readonly<Record<string, PayloadField>>
}

/** Every version that a webhook may be set to. A version stays what it is; what breaks receivers is a new one. */
export const PAYLOAD_VERSIONS: ReadonlyMap<number, PayloadVersion> = new Map([[1, { media: MEDIA_V1 }]])
export const LATEST_VERSION = Math.max(...PAYLOAD_VERSIONS.keys())

/** What is told of webhooks themselves, whatever their event types and filters are. */
export const NOTICES = {
  'webhook.test': { description: 'Somebody has asked for it: nothing has happened.', details: {} },
  'webhook.disabled': {
    description: 'A webhook of the account was disabled by the gateway. Told to the others.',
    details: { reason: { type: 'string', examples: Object.keys(DISABLED_REASONS) } },
  },
  'webhook.gap': {
    description:
      'Events for this webhook may have been removed before they were sent: it was away for longer than they are kept. Load what you keep anew.',
    details: {},
  },
} as const satisfies Record<string, { description: string; details: Record<string, object> }>
export type Notice = keyof typeof NOTICES

export const isNotice = (type: string): type is Notice => Object.hasOwn(NOTICES, type)

type Schema = Readonly<Record<string, unknown>>

/** The JSON Schema (2020-12) of what a webhook of this version receives; undefined for a version that there is not. */
export function payloadSchema(version: number): Schema | undefined {
  const payload = PAYLOAD_VERSIONS.get(version)
  if (!payload) return undefined
  const media = Object.fromEntries(Object.entries(payload.media).map(([name, { schema }]) => [name, schema]))
  const of = (type: string, description: string, data: Schema): Schema => ({
    title: type,
    description,
    properties: { type: { const: type }, data },
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: schemaPath(version),
    title: `Webhooks of the media gateway, version ${version}`,
    description:
      'The body of a request. Fields, types of events and words may be added within a version: ignore what you do not know.',
    type: 'object',
    required: ['id', 'type', 'version', 'timestamp', 'data'],
    properties: {
      id: {
        type: 'string',
        format: 'uuid',
        description: 'The event, as in the header webhook-id; the same however often it is sent.',
      },
      type: { type: 'string' },
      version: { const: version },
      timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
      data: { type: 'object' },
    },
    oneOf: [
      ...MEDIA_EVENTS.map(({ recorded, description }) => of(recorded, description, ABOUT_MEDIA)),
      ...Object.entries(NOTICES).map(([type, { description, details }]) =>
        of(type, description, object({ webhookId: { type: 'string' }, ...details })),
      ),
    ],
    $defs: { media: object(media) },
  }
}

export const schemaPath = (version: number | string): string => `/webhooks/schemas/v${version}.json`

const object = (properties: Schema): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
})

const ABOUT_MEDIA = object({
  mediaId: { type: 'string', format: 'uuid', description: 'The media that it happened to.' },
  media: {
    description: 'The media as it is when this is sent; null when it is deleted by then.',
    oneOf: [{ $ref: '#/$defs/media' }, { type: 'null' }],
  },
})
