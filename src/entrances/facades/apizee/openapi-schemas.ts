import { STATUSES, TYPES } from './wire/item.ts'

const nullable = (type: string) => ({ type: [type, 'null'] })

/** All of these, and nothing else. */
const closed = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})

/** The shapes of what is said and answered. */
export const schemas = {
  Medias: closed({
    total: { type: 'integer', minimum: 0 },
    next_offset: nullable('integer'),
    data: { type: 'array', items: { $ref: '#/components/schemas/Media' } },
  }),
  Media: closed({
    id: { type: 'integer', minimum: 1 },
    hash: { ...nullable('string'), format: 'uuid' },
    created: { type: 'string', format: 'date-time' },
    owner: closed({ id: { type: 'integer', minimum: 0 }, name: { type: 'string' } }),
    title: { type: 'string' },
    description: { type: 'string' },
    filename: { type: 'string' },
    status: { enum: Object.values(STATUSES) },
    media_type: { enum: Object.values(TYPES) },
    source_type: { type: 'string' },
    filesize: { type: 'integer', minimum: 0 },
    geoloc: {
      oneOf: [closed({ lat: { type: 'number' }, lng: { type: 'number' } }), { type: 'null' }],
    },
    thumbnail_url: { ...nullable('string'), format: 'uri' },
    url: { ...nullable('string'), format: 'uri' },
  }),
  Update: {
    type: 'object',
    properties: {
      title: nullable('string'),
      description: nullable('string'),
      latitude: nullable('number'),
      longitude: nullable('number'),
      geoloc: {
        type: ['object', 'null'],
        properties: { lat: { type: 'number' }, lng: { type: 'number' } },
      },
      tags: { type: ['array', 'string', 'null'], items: { type: 'string' } },
      retention_date: { ...nullable('string'), format: 'date-time' },
      metadata: { type: ['object', 'string', 'null'] },
    },
  },
  Error: closed({
    code: { type: 'string' },
    message: { type: 'string' },
    data: closed({ status: { type: 'integer' } }),
  }),
}
