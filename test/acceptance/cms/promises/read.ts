import type { Promises } from '../../promise.ts'

export const READ = {
  'CMS-AUTH-01': {
    quote: 'All media endpoints require API token authentication',
    means: 'List, get, upload and delete without a token are answered 401.',
  },
  'CMS-AUTH-02': {
    quote: 'See the Authentication section for details about obtaining and using API tokens.',
    means: 'A token of the gateway as `Authorization: Bearer`, the one header, opens each of the four.',
    note: 'Contentive’s own page on authentication: `Authorization: Bearer`.',
  },
  'CMS-AUTH-03': {
    quote: 'and specific media scopes',
    means:
      'Tokens of media:read, media:create and media:delete alone may do what is theirs of the four, and nothing else.',
  },
  'CMS-LIST-01': {
    quote: 'Retrieve a paginated list of media files. … GET Base URL /api/media',
    means: 'GET `/api/media` answers 200 as JSON with `data` and `meta`.',
  },
  'CMS-LIST-02': {
    quote: 'Get all media files.',
    means: 'The pages together have every media of the account once.',
  },
  'CMS-LIST-03': {
    quote: 'Get all media files. Requires media:read scope.',
    means: 'A token without media:read is answered 403.',
  },
  'CMS-LIST-04': {
    quote: 'page: Page number',
    means: '`page=2` gives what follows the first `page_size` items.',
  },
  'CMS-LIST-05': {
    quote: 'page: Page number (default: 1)',
    means: 'Without `page` the first page comes, and `meta.page` is 1.',
  },
  'CMS-LIST-06': { quote: 'page_size: Items per page', means: '`page_size=3` gives three items a page.' },
  'CMS-LIST-07': {
    quote: 'page_size: Items per page (default: 10',
    means: 'Without `page_size` 10 of 11 items come, and `meta.page_size` is 10.',
  },
  'CMS-LIST-08': {
    quote: 'max: 100',
    means: '`page_size=500` gives 100 items, and `meta.page_size` is 100.',
    note: 'Contentive’s code clamps, and refuses nothing.',
  },
  'CMS-LIST-09': {
    quote: 'type: Filter by media type (image',
    means: '`type=image` lists pictures and nothing else.',
  },
  'CMS-LIST-10': {
    quote: 'type: Filter by media type (image, video',
    means: '`type=video` lists films and nothing else.',
  },
  'CMS-LIST-11': {
    quote: 'type: Filter by media type (image, video, audio',
    means: '`type=audio` lists sounds and nothing else.',
  },
  'CMS-LIST-12': {
    quote: 'type: Filter by media type (image, video, audio, file)',
    means: '`type=file` lists documents and nothing else.',
  },
  'CMS-LIST-13': {
    quote: 'search: Search by file name',
    means: '`search` lists what has the text in its name, in capitals or not.',
  },
  'CMS-LIST-14': {
    quote: 'type: Filter by media type (image, video, audio, file) … search: Search by file name',
    means: '`type` and `search` hold together and `meta.total` is that of both.',
  },
  'CMS-LIST-15': {
    quote: '"meta": { "total": 50',
    means: '`meta.total` is the number of what the request found on all pages.',
  },
  'CMS-LIST-16': {
    quote: '"page": 1, "page_size": 10 }',
    means: '`meta.page` and `meta.page_size` are the numbers by which the page was made.',
  },
  'CMS-LIST-17': {
    quote: '{ "data": [ { "id": "uuid", … } ], "meta": { "total": 50, "page": 1, "page_size": 10 } }',
    means:
      'A page, its items and its `meta` have the members of the example, of the same JSON types, and no other.',
  },
  'CMS-ITEM-01': { quote: '"id": "uuid"', means: '`id` is a UUID, and the one that get and delete take.' },
  'CMS-ITEM-02': { quote: '"name": "example.jpg"', means: '`name` is the file’s own name, in full Unicode.' },
  'CMS-ITEM-03': {
    quote: '"type": "image"',
    means: '`type` is image, video, audio or file, by what the bytes are.',
  },
  'CMS-ITEM-04': { quote: '"mime_type": "image/jpeg"', means: '`mime_type` is the type of the file.' },
  'CMS-ITEM-05': { quote: '"size": 1024', means: '`size` is the number of bytes of the file.' },
  'CMS-ITEM-06': {
    quote: '"path": "media/example.jpg", "url": "https://example.com/media/example.jpg"',
    means: '`path` is `url` without the origin and its slash.',
  },
  'CMS-ITEM-07': {
    quote: '"url": "https://example.com/media/example.jpg"',
    means: '`url` is absolute, and the file’s bytes are downloaded from it.',
  },
  'CMS-ITEM-08': {
    quote: '"width": 800, "height": 600',
    means:
      '`width` and `height` are those of a picture or film as it is shown, as integers, and null of a sound or document.',
  },
  'CMS-ITEM-09': { quote: '"duration": null', means: '`duration` is null of a picture.' },
  'CMS-ITEM-10': {
    quote: '"created_at": "2024-01-01T00:00:00Z"',
    means: '`created_at` is when the file was uploaded, as of RFC 3339 in UTC.',
  },
  'CMS-ITEM-11': {
    quote: '"updated_at": "2024-01-01T00:00:00Z"',
    means: '`updated_at` has the same form, equals `created_at` or is later, and is later after a change.',
  },
  'CMS-ITEM-12': {
    quote: '"created_by": "user-uuid"',
    means:
      '`created_by` is a UUID, one for each user of the account, the same in all that this user uploaded.',
  },
  'CMS-GET-01': {
    quote: 'Retrieve a specific media file by its ID. … GET Base URL /api/media/:id',
    means: 'GET `/api/media/{id}` answers 200 with that media, as the list has it.',
    note: 'The bare object, without `data`, by Contentive’s code.',
  },
  'CMS-GET-02': {
    quote: 'Get a specific media file. Requires media:read scope.',
    means:
      'A token without media:read is answered 403, for an id that there is as for one that there is not.',
  },
} as const satisfies Promises<'CMS'>
