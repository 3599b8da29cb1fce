import type { OpenApiDocument } from '../facade.ts'

const json = (schema: object) => ({ 'application/json': { schema } })
const bytes = { '*/*': { schema: {} } }
const text = { type: 'string' }

const refused = (...names: string[]) =>
  Object.fromEntries(names.map(name => [name.slice(-3), { $ref: `#/components/responses/${name}` }]))

const withError = (description: string) => ({
  description,
  content: json({ $ref: '#/components/schemas/Error' }),
})

const header = (name: string, description: string) => ({ name, in: 'header', schema: text, description })
const accountId = { name: 'accountId', in: 'path', required: true, schema: text }
const mediaId = {
  name: 'mediaId',
  in: 'path',
  required: true,
  schema: { ...text, minLength: 1, maxLength: 512 },
  description: 'The name of the media. It may hold slashes, encoded or not.',
}
const sent = (description: string) => ({ description, schema: text })

const ALWAYS = ['Malformed400', 'Unauthorized401', 'Forbidden403', 'Hasty429', 'Failed500', 'Unavailable503']

/** Its API as it is served here. */
export const bandwidthDocument: OpenApiDocument = {
  openapi: '3.1.1',
  info: {
    title: 'Bandwidth Messaging media',
    version: '2',
    description: 'The media API of Bandwidth Messaging, served by media-gateway.',
  },
  security: [{ basic: [] }, { token: [] }],
  paths: {
    '/api/v2/users/{accountId}/media': {
      parameters: [accountId],
      get: {
        operationId: 'listMedia',
        parameters: [header('Continuation-Token', 'As the answer before has it.')],
        responses: {
          200: {
            description: 'Up to 1000 media, oldest first.',
            headers: { 'Continuation-Token': sent('Where there is more.') },
            content: json({ type: 'array', maxItems: 1_000, items: { $ref: '#/components/schemas/Media' } }),
          },
          ...refused(...ALWAYS),
        },
      },
    },
    '/api/v2/users/{accountId}/media/{mediaId}': {
      parameters: [accountId, mediaId],
      get: {
        operationId: 'getMedia',
        parameters: [
          header('Range', 'One range of bytes.'),
          header('If-None-Match', 'The ETag of what the client has.'),
          header('If-Modified-Since', 'The Last-Modified of what the client has.'),
        ],
        responses: {
          200: {
            description: 'The content, as the type that its uploader named.',
            headers: {
              ETag: sent('Names the content.'),
              'Cache-Control': sent('As at the upload, and private.'),
            },
            content: bytes,
          },
          206: { description: 'The range.', content: bytes },
          304: { description: 'The client has it.' },
          412: { description: 'A condition does not hold.' },
          416: { description: 'There is no such range.' },
          ...refused(...ALWAYS, 'NotFound404', 'Conflict409'),
        },
      },
      put: {
        operationId: 'uploadMedia',
        parameters: [header('Cache-Control', 'Comes back with the content.')],
        requestBody: { required: true, description: 'At most 3.75 MB.', content: bytes },
        responses: {
          204: { description: 'It is there, new or in the place of the one of this name.' },
          ...refused(...ALWAYS, 'Conflict409', 'TooLarge413', 'Type415'),
        },
      },
      delete: {
        operationId: 'deleteMedia',
        responses: { 204: { description: 'It is not there, whether it was or not.' }, ...refused(...ALWAYS) },
      },
    },
  },
  components: {
    securitySchemes: { basic: { type: 'http', scheme: 'basic' }, token: { type: 'http', scheme: 'bearer' } },
    responses: {
      Malformed400: withError('request-validation'),
      Unauthorized401: withError('unauthorized'),
      Forbidden403: withError('forbidden: another account, a right that lacks, or a legal hold.'),
      NotFound404: withError('not-found'),
      Conflict409: withError(
        'conflict: the name is of a media that is somebody else’s, or a scan is under way.',
      ),
      TooLarge413: withError('payload-too-large: the file, or what the account may have.'),
      Type415: withError('unsupported-content-type: the operator does not take files of what the bytes are.'),
      Hasty429: withError('too-many-requests; again after Retry-After.'),
      Failed500: withError('internal-server-error'),
      Unavailable503: withError('service-unavailable: the database or the store cannot be reached now.'),
    },
    schemas: {
      Error: {
        type: 'object',
        required: ['type', 'description'],
        additionalProperties: false,
        properties: { type: text, description: text },
      },
      Media: {
        type: 'object',
        required: ['content', 'contentLength', 'mediaName'],
        additionalProperties: false,
        properties: {
          content: { type: 'string', format: 'uri' },
          contentLength: { type: 'integer', minimum: 0 },
          mediaName: text,
        },
      },
    },
  },
}
