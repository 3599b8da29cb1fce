import type { Promises } from '../../promise.ts'

export const BEYOND = {
  'VONAGE-BOTH-01': {
    quote: 'puthttps://api.nexmo.com/v3/media/:id/info',
    means: 'PUT updates at `/v3/media/{id}/info` and at `/v3/media/{id}`.',
    note: '@vonage/media sends it without `/info`.',
  },
  'VONAGE-BOTH-02': {
    quote: 'puthttps://api.nexmo.com/v3/media/:id/info … POST /v3/media/:id/info HTTP/1.1',
    means: 'PUT and POST update alike at `/v3/media/{id}/info`.',
  },
  'VONAGE-BOTH-03': {
    quote: 'multipart/form-data … Content-Type: application/x-www-form-urlencoded',
    means: 'An update as multipart, as urlencoded form and as JSON sets the same values.',
    note: '@vonage/media and @vonage/server-sdk 2 send JSON.',
  },
  'VONAGE-BOTH-04': {
    quote: 'Responses Successfully updated',
    means: 'Every update is answered 204 without a body, which new and old client take for success.',
    note: 'The older reference has 200, whose empty body @vonage/server-sdk 2 cannot parse.',
  },
  'VONAGE-BOTH-05': {
    quote: 'gethttps://api.nexmo.com/v3/media/',
    means: '`/v3/media/` and `/v3/media` give the same list.',
    note: '@vonage/media asks without the last slash.',
  },
  'VONAGE-BOTH-06': {
    quote: '_links object self … first … last',
    means:
      'Beside self, first and last there is `next` on every page but the last and `prev` on every page but the first, and on no other.',
    note: 'The generator of @vonage/media reads on while there is a `next`.',
  },
  'VONAGE-BOTH-07': {
    quote: '',
    means:
      'A search that finds nothing, and a page behind the last, answer 200 with `media: []`, which clients of either form read as empty.',
    note: 'The older reference allows a 404, at which @vonage/media throws.',
  },
  'VONAGE-BOTH-08': {
    quote: '',
    means:
      'A JWT with `exp` is valid until then, but no longer than 24 hours from `iat`; one without is valid for 15 minutes from `iat`.',
    note: '@vonage/auth sends `exp`, @vonage/server-sdk 2 never does.',
  },
  'VONAGE-BOTH-09': {
    quote: '"metadata_primary": "string", "metadata_secondary": "string"',
    means: 'Metadata that is not set is null in answers; null in an update clears it, and absence leaves it.',
    note: 'The SDK’s fixtures have null, and its update sends it back.',
  },
  'VONAGE-OURS-01': {
    quote: '',
    means: '`public=true` and `public=false` narrow the list, and a query name that is not known is ignored.',
    note: 'The example of @vonage/media lists with `public`.',
  },
  'VONAGE-OURS-02': {
    quote: '',
    means:
      'A download with `If-None-Match` of its ETag, or `If-Modified-Since` of its `Last-Modified`, is answered 304 without a body, else 200.',
  },
  'VONAGE-OURS-03': {
    quote: '',
    means:
      'A download with `Range` is answered 206 with these bytes and `Content-Range`, and 416 where there are none.',
  },
  'VONAGE-OURS-04': {
    quote: '',
    means: 'A 304, a HEAD and a refusal are not counted in `times_downloaded`.',
  },
  'VONAGE-OURS-05': {
    quote: '',
    means:
      'Of many downloads at once of an item with `max_downloads_allowed` as many succeed as are allowed and no more.',
  },
  'VONAGE-OURS-06': {
    quote: '',
    means:
      'POST `/v3/media` with multipart `filedata` answers 201 with a `Location` that ends in `/v3/media/{id}/info`, where the item is, with the part’s file name.',
    note: 'As @vonage/server-sdk 2 uploads.',
  },
  'VONAGE-OURS-07': {
    quote: '',
    means:
      '`info`, a JSON string of metadata beside `filedata`, sets what an update would set; one that is no JSON object is answered 400, and nothing is kept.',
  },
  'VONAGE-OURS-08': {
    quote: '',
    means:
      'POST `/v3/media` with the single field `url` fetches the file, answers 201, and the item has its bytes.',
  },
  'VONAGE-OURS-09': { quote: '', means: '`url` while imports are off is answered with a 4xx that says so.' },
  'VONAGE-OURS-10': {
    quote: '',
    means: 'An upload with neither `filedata` nor `url`, or with both, is answered 400, and nothing is kept.',
  },
  'VONAGE-OURS-11': {
    quote: '',
    means:
      'A JWT with `alg` none or HS256, of an unknown application, with another key’s signature, without `application_id`, expired or not yet valid is answered 401.',
  },
  'VONAGE-OURS-12': {
    quote: '',
    means:
      'An `acl` path `/*/media/**` covers `/v3/media`, `/v3/media/{id}` and `/v3/media/{id}/info`; `*` is one segment; a JWT without `acl` may do all that its application may.',
  },
  'VONAGE-OURS-13': {
    quote: '',
    means:
      'Every error (400, 401, 403, 404, 413, 429, 500) has a JSON body with content type application/json, with `type`, `title` and `detail`.',
    note: '@vonage/server-sdk 2 parses the body of each 4xx.',
  },
  'VONAGE-OURS-14': { quote: '', means: 'Too many requests are answered 429 with `Retry-After`.' },
  'VONAGE-OURS-15': {
    quote: '',
    means:
      'An item of another account, public ones’ downloads apart, is answered at each endpoint like an id that there is not, byte for byte, and is in no list.',
  },
  'VONAGE-OURS-16': {
    quote: '',
    means:
      '`id`, `account_id`, `store_id`, `etag`, `media_size`, `times_downloaded` and the times in an update change nothing.',
  },
  'VONAGE-OURS-17': {
    quote: '',
    means: '`public_item` in an update means `public`.',
    note: 'The OpenAPI document 1.0.0 and the example of @vonage/server-sdk 2.',
  },
  'VONAGE-OURS-18': {
    quote: '',
    means:
      'What `getMediaItem` of @vonage/media returned, sent back unchanged by `updateMediaItem`, is accepted and changes none of its values.',
  },
  'VONAGE-OURS-19': {
    quote: '',
    means: 'The DELETE of @vonage/server-sdk 2, with a `{}` behind its headers, deletes and reports success.',
  },
  'VONAGE-OURS-20': {
    quote: '',
    means: 'An active type set by `mime_type`, such as text/html, is never delivered as active content.',
  },
  'VONAGE-OURS-21': {
    quote: '',
    means:
      'What came in through the other three APIs, GraphQL and tus is listed, described and delivered here.',
  },
  'VONAGE-OURS-22': {
    quote: '',
    means:
      'An update here leaves what only other systems know of the item (name, tags, position, Cache-Control, retention) as it was.',
  },
  'VONAGE-OURS-23': {
    quote: '',
    means: 'Switched off, every path of this API answers 404, and the other APIs go on.',
  },
  'VONAGE-OURS-24': {
    quote: '',
    means:
      'Mounted under a path prefix, or for a host name, it answers there and nowhere else, and its links and `Location` lead there.',
  },
  'VONAGE-OURS-25': {
    quote: '',
    means:
      'The documentation has a page on moving from Vonage: base URL, credentials, what is the same, what is better, what differs.',
  },
} as const satisfies Promises<'VONAGE'>
