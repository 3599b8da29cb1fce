import type { OpenApiDocument } from '../facade.ts'
import { schemas } from './openapi-schemas.ts'

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` })
const json = (schema: object) => ({ 'application/json': { schema } })
const text = { type: 'string' }
const texts = { oneOf: [text, { type: 'array', items: text }] }
const item = { description: 'The media.', content: json(ref('schemas', 'Media')) }
const content = { '*/*': { schema: { type: 'string', contentMediaType: 'application/octet-stream' } } }

/** What a request may come to that is asked for in vain; each name ends in its status. */
const refused = (...names: string[]) =>
  Object.fromEntries(names.map(name => [name.slice(-3), ref('responses', name)]))
/** Whatever is asked for. */
const ALWAYS = ['Unauthorized401', 'Forbidden403', 'Hasty429', 'Failed500', 'Busy503'] as const
const refusalOf = (description: string) => ({ description, content: json(ref('schemas', 'Error')) })

const query = (name: string, schema: object, description: string) => ({
  name,
  in: 'query',
  schema,
  description,
})
const path = (name: string, schema: object) => ({ name, in: 'path', required: true, schema })
const mediaId = path('mediaId', { type: 'integer', minimum: 1 })

const listParameters = [
  query('status', texts, 'pending, processing, completed, failed: one or more. By default completed.'),
  query('offset', { type: 'integer', minimum: 0, default: 0 }, 'Items to leave out.'),
  query('limit', { type: 'integer', minimum: 0, default: 10 }, 'More than 100 are 100; 0 is the default.'),
  query('since', { type: 'string', format: 'date-time' }, 'Made after this time.'),
  query('until', { type: 'string', format: 'date-time' }, 'Made before this time.'),
  query('search', text, 'Words, and phrases in quotation marks, each of which occurs somewhere.'),
  query(
    'orderby',
    { enum: ['date', 'created', 'modified', 'id', 'title', 'filename', 'filesize'], default: 'date' },
    'What to sort by.',
  ),
  query('order', { enum: ['asc', 'desc'], default: 'desc' }, 'Which way.'),
  query('media_type', texts, 'image, video, audio, document, file (or other). Also `type`, `mediaType`.'),
  query('tag', texts, 'With one of these tags. Also `tag_id`, `tags`.'),
  query(
    'user_id',
    { oneOf: [{ type: 'integer' }, { const: 'all' }] },
    'Of this user; `all` is for administrators. Also `userId`, `user`.',
  ),
  query('user_group_id', texts, 'Of this group. Also `group_id`, `groupId`, `group`.'),
  query('source_type', texts, 'From this source. Also `sourceType`.'),
  query('conversation_id', texts, 'Of this conversation. Also `conversationId`, `conversation`.'),
]

const delivered = {
  200: { description: 'The content.', content },
  206: { description: 'A part of it.', content },
  304: { description: 'The client has it.' },
  412: { description: 'It is not what If-Match or If-Unmodified-Since asks for.' },
  416: { description: 'There is no such part.' },
}
const notDelivered = ['Malformed400', 'NotFound404', 'NotYet409', 'Expired410', 'Lost502'] as const

const show = {
  operationId: 'showMedia',
  security: [],
  parameters: [
    mediaId,
    path('hash', { type: 'string', format: 'uuid' }),
    query('thumbnail', { enum: ['0', '1'] }, 'A small picture of it instead.'),
  ],
  responses: { ...delivered, ...refused(...ALWAYS, ...notDelivered, 'Damaged422') },
}

/** Its API as it is served here. */
export const apizeeDocument: OpenApiDocument = {
  openapi: '3.1.1',
  info: {
    title: 'Apizee medias',
    version: '3',
    description: "The medias of Apizee's platform, served by media-gateway.",
  },
  security: [{ token: [] }],
  paths: {
    '/api/v3/medias': {
      get: {
        operationId: 'listMedias',
        parameters: listParameters,
        responses: {
          200: { description: 'A part of the list.', content: json(ref('schemas', 'Medias')) },
          ...refused(...ALWAYS, 'Malformed400'),
        },
      },
    },
    '/api/v3/medias/{mediaId}': {
      get: {
        operationId: 'getMedia',
        parameters: [mediaId],
        responses: { 200: item, ...refused(...ALWAYS, 'NotFound404') },
      },
      put: {
        operationId: 'updateMedia',
        parameters: [mediaId],
        requestBody: {
          description: 'What is not named stays as it is. Parameters of the query say the same.',
          content: {
            'application/json': { schema: ref('schemas', 'Update') },
            'application/x-www-form-urlencoded': { schema: ref('schemas', 'Update') },
            'multipart/form-data': { schema: ref('schemas', 'Update') },
          },
        },
        responses: {
          200: item,
          ...refused(...ALWAYS, 'Malformed400', 'NotFound404', 'Conflict412', 'TooLarge413'),
        },
      },
      delete: {
        operationId: 'deleteMedia',
        parameters: [mediaId],
        responses: {
          200: {
            description: 'It is gone for good.',
            content: json({ type: 'array', maxItems: 0 }),
          },
          ...refused(...ALWAYS, 'NotFound404'),
        },
      },
    },
    '/api/v3/medias/{mediaId}/download': {
      get: {
        operationId: 'downloadMedia',
        parameters: [mediaId],
        responses: { ...delivered, ...refused(...ALWAYS, ...notDelivered.slice(1)) },
      },
    },
    '/media/showVideo/{mediaId}/hash/{hash}': { get: show },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    responses: {
      Malformed400: refusalOf('A parameter or field has a value that is not allowed.'),
      Unauthorized401: refusalOf('No credential, or one that does not hold.'),
      Forbidden403: refusalOf('The credential may not do this, or nobody may.'),
      NotFound404: refusalOf('There is no such media, or no picture of it.'),
      NotYet409: refusalOf('There is no content, or none yet.'),
      Expired410: refusalOf('Its time is over.'),
      Conflict412: refusalOf('Others changed it each time that this change was tried.'),
      TooLarge413: refusalOf('More than 1 MiB.'),
      Damaged422: refusalOf('No picture can be made of it.'),
      Hasty429: refusalOf('Too many requests; again after Retry-After.'),
      Failed500: refusalOf('The gateway failed.'),
      Lost502: refusalOf('Its content is missing in the store.'),
      Busy503: refusalOf(
        'Too many pictures are being made, or its database or its store cannot be reached now.',
      ),
    },
    schemas,
  },
}
