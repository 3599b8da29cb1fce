import type { Promises } from '../../promise.ts'

export const CHANGE = {
  'VONAGE-UPDATE-01': {
    quote: 'Update a previously created media item by ID. puthttps://api.nexmo.com/v3/media/:id/info',
    means: 'PUT `/v3/media/{id}/info` changes that item and no other.',
  },
  'VONAGE-UPDATE-02': {
    quote: 'Request Body Content Type multipart/form-data',
    means: 'PUT with all seven fields as multipart/form-data sets all seven.',
  },
  'VONAGE-UPDATE-03': {
    quote: 'public boolean exampletrue Whether the item is publicly available without authentication.',
    means: '`public=true` lets anybody download without credentials, and `public=false` takes that back.',
  },
  'VONAGE-UPDATE-04': {
    quote: 'metadata_primary string examplefoo,bar A string containing metadata about the media file.',
    means: '`metadata_primary` `foo,bar` is read back as it was sent.',
  },
  'VONAGE-UPDATE-05': {
    quote: 'metadata_secondary string example123 A string containing further metadata about the media file.',
    means: '`metadata_secondary` `123` is read back as the string that it is, never as a number.',
  },
  'VONAGE-UPDATE-06': {
    quote: 'title string exampleVery important recording A string containing a title for the media file.',
    means: '`title` is set, and `/info` returns it.',
    note: 'The response’s schema has no `title`; the type of @vonage/media has.',
  },
  'VONAGE-UPDATE-07': {
    quote:
      'description string exampleThis is a very important recording. Do not delete. A description of the media file.',
    means: '`description` is set, and `/info` returns it.',
    note: 'The response’s schema has no `description`; the type of @vonage/media has.',
  },
  'VONAGE-UPDATE-08': {
    quote: 'mime_type string exampleaudio/vnd.wave The MIME type of the media file.',
    means: '`mime_type` is set: `/info` and the download’s `Content-Type` say it.',
  },
  'VONAGE-UPDATE-09': {
    quote: 'max_downloads_allowed integer example100 The maximum number of times the file may be downloaded.',
    means: '`max_downloads_allowed` 100 is read back as the integer 100.',
  },
  'VONAGE-UPDATE-10': {
    quote: 'Unlimited when not provided.',
    means:
      'An item that was never given `max_downloads_allowed` stays downloadable any number of times, also after an update without it.',
  },
  'VONAGE-UPDATE-11': {
    quote:
      'POST /v3/media/:id/info HTTP/1.1 Host: api.nexmo.com Content-Type: application/x-www-form-urlencoded Content-Length: 204 public=true&metadata_primary=foo,bar&metadata_secondary=123&title=Very+important+recording&description=This+is+a+very+important+recording.+Do+not+delete.&mime_type=audio/vnd.wave&max_downloads_allowed=100',
    means:
      'The example, sent byte for byte but for id, host and credentials, sets all seven fields, with `+` read as spaces.',
  },
  'VONAGE-UPDATE-12': {
    quote: 'Responses Successfully updated',
    means: 'A change is answered with success only once it holds: the next `/info` shows it.',
  },
  'VONAGE-UPDATE-13': {
    quote: 'public boolean',
    means:
      'A `public` that is no boolean, in any of the encodings, is answered 400, and nothing of that request is changed.',
  },
  'VONAGE-UPDATE-14': {
    quote: 'max_downloads_allowed integer',
    means:
      'A `max_downloads_allowed` that is no integer, or is negative, is answered 400, and nothing of that request is changed.',
  },
  'VONAGE-UPDATE-15': {
    quote: 'Update a previously created media item by ID.',
    means: 'Fields that an update does not name stay as they are.',
  },
  'VONAGE-UPDATE-16': {
    quote: 'Update a previously created media item by ID.',
    means: 'An update of an id that there is not is answered 404.',
  },
  'VONAGE-DELETE-01': {
    quote:
      'Delete a previously created media item by ID. deletehttps://api.nexmo.com/v3/media/:id … Responses Successfully deleted',
    means: 'DELETE `/v3/media/{id}` answers 204 without a body.',
    note: 'The status is that of the OpenAPI document 1.0.2.',
  },
  'VONAGE-DELETE-02': {
    quote: 'Delete a previously created media item by ID.',
    means: 'A deleted item is gone: info and download answer 404, and no list or count has it.',
  },
  'VONAGE-DELETE-03': {
    quote: 'Delete a previously created media item by ID.',
    means: 'DELETE of an id that there is not, or no longer, is answered 404.',
  },
  'VONAGE-DOWNLOAD-01': {
    quote:
      'The Media API can be used to query, download and delete media items such as audio files for use with other Nexmo APIs.',
    means:
      'GET `/v3/media/{id}` answers 200 with the bytes of an audio file as they were uploaded, and its type.',
    note: 'The endpoint is that of the older reference and of @vonage/server-sdk 2.',
  },
  'VONAGE-DOWNLOAD-02': {
    quote: 'Whether the item is available for download without authentication.',
    means: 'GET of an item that is public answers 200 with its bytes without credentials.',
  },
  'VONAGE-DOWNLOAD-03': {
    quote: 'Whether the item is available for download without authentication.',
    means:
      'GET of an item that is not public answers 401 without credentials, as is an id that there is not.',
  },
  'VONAGE-DOWNLOAD-04': {
    quote: 'The maximum number of times the file may be downloaded.',
    means:
      'With `max_downloads_allowed` 2 the third download is refused with a 4xx, and `times_downloaded` stays 2.',
  },
} as const satisfies Promises<'VONAGE'>
