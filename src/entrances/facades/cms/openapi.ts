import type { OpenApiDocument } from '../facade.ts'

const item = { $ref: '#/components/schemas/Media' }
const json = (schema: object) => ({ 'application/json': { schema } })
const refused = (...names: string[]) =>
  Object.fromEntries(names.map(name => [name.slice(-3), { $ref: `#/components/responses/${name}` }]))
/** Whatever is asked for. */
const ALWAYS = ['Unauthorized401', 'Forbidden403', 'Hasty429', 'Failed500', 'Unavailable503']
const query = (name: string, schema: object, description: string) => ({
  name,
  in: 'query',
  schema,
  description,
})
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }

const withError = (description: string) => ({
  description,
  content: json({ $ref: '#/components/schemas/Error' }),
})

const nullable = (type: string) => ({ type: [type, 'null'] })

/** Its API as it is served here. */
export const cmsDocument: OpenApiDocument = {
  openapi: '3.1.1',
  info: {
    title: 'Contentive CMS media',
    version: '1',
    description: 'The media API of Contentive CMS, served by media-gateway.',
  },
  security: [{ token: [] }],
  paths: {
    '/api/media': {
      get: {
        operationId: 'listMedia',
        parameters: [
          query('page', { type: 'integer', default: 1 }, 'From 1.'),
          query('page_size', { type: 'integer', default: 10, maximum: 100 }, 'More than 100 are 100.'),
          query('type', { enum: ['image', 'video', 'audio', 'file'] }, 'Of this type alone.'),
          query('search', { type: 'string' }, 'Part of the file name.'),
        ],
        responses: {
          200: {
            description: 'A page, newest first.',
            content: json({
              type: 'object',
              required: ['data', 'meta'],
              additionalProperties: false,
              properties: {
                data: { type: 'array', items: item },
                meta: {
                  type: 'object',
                  required: ['total', 'page', 'page_size'],
                  additionalProperties: false,
                  properties: {
                    total: { type: 'integer' },
                    page: { type: 'integer' },
                    page_size: { type: 'integer' },
                  },
                },
              },
            }),
          },
          ...refused(...ALWAYS, 'Malformed400'),
        },
      },
      post: {
        operationId: 'uploadMedia',
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file'],
                properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
              },
            },
          },
        },
        responses: {
          201: { description: 'The new media.', content: json(item) },
          ...refused(...ALWAYS, 'Malformed400', 'TooLarge413'),
        },
      },
    },
    '/api/media/{id}': {
      get: {
        operationId: 'getMedia',
        parameters: [id],
        responses: {
          200: { description: 'The media.', content: json(item) },
          ...refused(...ALWAYS, 'NotFound404'),
        },
      },
      delete: {
        operationId: 'deleteMedia',
        parameters: [id],
        responses: {
          204: { description: 'It is gone.' },
          ...refused(...ALWAYS, 'NotFound404', 'Held409'),
        },
      },
    },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    responses: {
      Malformed400: withError('No file uploaded, or one of a type that is not taken.'),
      Unauthorized401: withError('Missing or invalid API token'),
      Forbidden403: withError('Insufficient scope'),
      NotFound404: withError('Media not found'),
      Held409: withError('The media is under a legal hold.'),
      TooLarge413: withError('File size too large'),
      Hasty429: withError('Too many requests; again after Retry-After.'),
      Failed500: withError('Failed to upload file, to create the media record, or to do something else.'),
      Unavailable503: withError('The database or the store cannot be reached now.'),
    },
    schemas: {
      Error: {
        type: 'object',
        required: ['error'],
        additionalProperties: false,
        properties: { error: { type: 'string' } },
      },
      Media: {
        type: 'object',
        additionalProperties: false,
        required: [
          'id',
          'name',
          'type',
          'mime_type',
          'size',
          'path',
          'url',
          'width',
          'height',
          'duration',
          'created_at',
          'updated_at',
          'created_by',
        ],
        properties: {
          id: { type: 'string', format: 'uuid' },
          name: { type: 'string' },
          type: { enum: ['image', 'video', 'audio', 'file'] },
          mime_type: { type: 'string' },
          size: { type: 'integer' },
          path: { type: 'string' },
          url: { type: 'string', format: 'uri' },
          width: nullable('integer'),
          height: nullable('integer'),
          duration: nullable('integer'),
          created_at: { type: 'string', format: 'date-time' },
          updated_at: { type: 'string', format: 'date-time' },
          created_by: nullable('string'),
        },
      },
    },
  },
}
