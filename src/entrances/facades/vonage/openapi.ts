import type { OpenApiDocument } from '../facade.ts'
import { schemas } from './schemas.ts'
import { DEFAULT_SIZE, MOST, ORDER_WORDS } from './wire/list.ts'

const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` })
const json = (schema: object) => ({ 'application/json': { schema } })
const query = (name: string, schema: object, description: string) => ({
  name,
  in: 'query',
  schema,
  description,
})
const header = (name: string) => ({ name, in: 'header', schema: { type: 'string' } })
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }
const time = { type: 'string', format: 'date-time' }
const credential: OpenApiDocument['security'] = [{ jwt: [] }, { basic: [] }]

const REFUSALS = {
  400: 'Malformed',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'TooLarge',
  415: 'UnsupportedType',
  429: 'TooMany',
  500: 'Failed',
  502: 'Lost',
  503: 'Unavailable',
} as const
type Status = keyof typeof REFUSALS

const refused = (...statuses: Status[]) =>
  Object.fromEntries(
    ([...statuses, 401, 403, 429, 500, 503] as const).map(status => [
      status,
      { $ref: `#/components/responses/${REFUSALS[status]}` },
    ]),
  )
const problem = (description: string) => ({ description, content: json(ref('Problem')) })

const bytes = { '*/*': { schema: { type: 'string', contentMediaType: 'application/octet-stream' } } }
const download = {
  operationId: 'downloadMedia',
  description:
    'A public item needs no credential. A GET counts as a download; with 304, and of HEAD, none is.',
  security: [...credential, {}],
  parameters: [
    id,
    ...['If-None-Match', 'If-Modified-Since', 'If-Match', 'If-Unmodified-Since', 'If-Range', 'Range'].map(
      header,
    ),
  ],
  responses: {
    200: { description: 'The content, with ETag and Last-Modified.', content: bytes },
    206: { description: 'A part of the content.', content: bytes },
    304: { description: 'It is as it was.' },
    412: { description: 'It is another one.' },
    416: { description: 'There are no such bytes.' },
    '4XX': problem('It has been downloaded as often as it may, has expired, or is kept back.'),
    ...refused(404, 409, 502),
  },
}

const update = (operationId: string) => ({
  operationId,
  parameters: [id],
  requestBody: {
    content: Object.fromEntries(
      ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'].map(type => [
        type,
        { schema: ref('Changes') },
      ]),
    ),
  },
  responses: { 204: { description: 'It is changed.' }, ...refused(400, 404, 413, 415) },
})

/** Its API as it is served here. */
export const vonageDocument: OpenApiDocument = {
  openapi: '3.1.1',
  info: {
    title: 'Vonage Media API',
    version: '3',
    description: 'The Media API of Vonage, version 3, served by media-gateway.',
  },
  security: credential,
  paths: {
    '/v3/media': {
      get: {
        operationId: 'listMedia',
        description: 'Without start_time and end_time, what was made within the last seven days.',
        parameters: [
          query('order', { enum: ORDER_WORDS, default: 'descending' }, 'By the time of creation.'),
          query('page_index', { type: 'integer', minimum: 0, default: 0 }, 'From 0.'),
          query('page_size', { type: 'integer', minimum: 1, default: DEFAULT_SIZE }, `${MOST} at the most.`),
          query('start_time', time, 'Made then or later.'),
          query('end_time', time, 'Made then or earlier.'),
          query('public', { type: 'boolean' }, 'Public ones alone, or others alone.'),
        ],
        responses: { 200: { description: 'A page.', content: json(ref('Page')) }, ...refused(400) },
      },
      post: {
        operationId: 'uploadMedia',
        requestBody: {
          required: true,
          content: { 'multipart/form-data': { schema: ref('Upload') } },
        },
        responses: {
          201: {
            description: 'The new item. Of one that comes from a URL the content comes later.',
            headers: { Location: { description: 'Where it is described.', schema: { type: 'string' } } },
            content: json(ref('Media')),
          },
          '4XX': problem('The URL is none that is fetched here.'),
          507: problem('The store has no room.'),
          ...refused(400, 409, 413, 415, 502),
        },
      },
    },
    '/v3/media/{id}': {
      get: download,
      put: update('changeMedia'),
      delete: {
        operationId: 'deleteMedia',
        parameters: [id],
        responses: { 204: { description: 'It is gone.' }, ...refused(404, 409) },
      },
    },
    '/v3/media/{id}/info': {
      get: {
        operationId: 'getMedia',
        parameters: [id],
        responses: { 200: { description: 'The item.', content: json(ref('Media')) }, ...refused(404) },
      },
      put: update('updateMedia'),
      post: update('updateMediaByPost'),
    },
  },
  components: {
    securitySchemes: {
      jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      basic: { type: 'http', scheme: 'basic' },
    },
    responses: {
      Malformed: problem('Something in the request is not as it must be; the detail says what.'),
      Unauthorized: problem('No credential, or one that does not hold.'),
      Forbidden: problem('The credential or its ACL does not allow this.'),
      NotFound: problem('There is no such item, or it is not yours.'),
      Conflict: problem('As things stand this cannot be done; the detail says why.'),
      TooLarge: problem('The file is too large, or the account has no room for it.'),
      UnsupportedType: problem('The body, or the file in it, has a type that is not taken.'),
      TooMany: problem('Too many requests; Retry-After says when to come again.'),
      Failed: problem('The gateway failed.'),
      Lost: problem('The store does not hold what it should.'),
      Unavailable: problem('Its database or its store cannot be reached now.'),
    },
    schemas,
  },
}
