import type { Promises } from '../../promise.ts'

export const BEYOND = {
  'APIZEE-BOTH-01': {
    quote: '',
    means:
      'An update as JSON, flat and with `geoloc`, as urlencoded form and as multipart form sets the same values.',
    note: 'The page shows no body; the vendor’s browser SDK always sends FormData.',
  },
  'APIZEE-OURS-01': {
    quote: '',
    means:
      'The filters are known by their other names, too: `type` and `mediaType`; `tag_id` and `tags`; `userId` and `user`; `group_id`, `groupId` and `group`; `sourceType`; `conversationId` and `conversation`.',
    note: 'Of these names the page shows only some, and its prose others.',
  },
  'APIZEE-OURS-02': {
    quote: '',
    means: '`next_offset` is null on the last page, and where nothing is found.',
  },
  'APIZEE-OURS-03': {
    quote: '',
    means:
      'An `offset` or `limit` that is no integer or is negative, and a `status`, `media_type` or `source_type` of a form that cannot be, are answered 400.',
  },
  'APIZEE-OURS-04': {
    quote: '',
    means: '`search` is literal: `%`, `_` and a backslash find texts that have them, and nothing else.',
  },
  'APIZEE-OURS-05': {
    quote: '',
    means: '`url` opens without a login by its hash; with another hash, or another id, it answers 404.',
  },
  'APIZEE-OURS-06': {
    quote: '',
    means:
      '`thumbnail_url` of a picture, a film and a PDF has an image, and where there is none it answers with a stated 4xx.',
  },
  'APIZEE-OURS-07': {
    quote: '',
    means: '`geoloc` is null where no position is known, and a JSON null for it takes it away.',
  },
  'APIZEE-OURS-08': {
    quote: '',
    means: 'An active type is never delivered as active content by `url` or the download.',
  },
  'APIZEE-OURS-09': {
    quote: '',
    means:
      'Errors (400, 401, 403, 404, 429, 500) have a JSON body that says what is wrong and nothing internal.',
  },
  'APIZEE-OURS-10': {
    quote: '',
    means:
      'A media of another account is answered at each endpoint like an id that there is not, byte for byte, and is in no list or total.',
  },
  'APIZEE-OURS-11': {
    quote: '',
    means: 'Get, update and delete of an id that is no integer, or beyond any, are answered 404.',
  },
  'APIZEE-OURS-12': {
    quote: '',
    means: 'A media under a legal hold is not deleted: DELETE is answered 403, and the media stays.',
  },
  'APIZEE-OURS-13': {
    quote: '',
    means:
      'What came in through the other three APIs, GraphQL and tus is listed, described and delivered here, with an integer id and a hash of its own.',
  },
  'APIZEE-OURS-14': {
    quote: '',
    means:
      'An update here leaves what only other systems know of the item (name, metadata_primary, public, Cache-Control, download limit) as it was.',
  },
  'APIZEE-OURS-15': {
    quote: '',
    means:
      'The OpenAPI document of these endpoints is served at `/openapi/apizee.json` and names exactly the routes that there are.',
  },
  'APIZEE-OURS-16': {
    quote: '',
    means:
      'Switched off, every path of this API answers 404, `/media/showVideo` among them, and the other APIs go on.',
  },
  'APIZEE-OURS-17': {
    quote: '',
    means:
      'Mounted under a path prefix, or for a host name, it answers there and nowhere else, and `url` and `thumbnail_url` lead there.',
  },
  'APIZEE-OURS-18': {
    quote: '',
    means:
      'The documentation has a page on moving from Apizee: base URL, credentials, what is the same, what is better, what differs.',
  },
} as const satisfies Promises<'APIZEE'>
