import type { Promises } from '../../promise.ts'

export const ITEM = {
  'VONAGE-INFO-01': {
    quote: 'Retrieve information about a single media item gethttps://api.nexmo.com/v3/media/:id/info',
    means: 'GET `/v3/media/{id}/info` answers 200 with that item.',
  },
  'VONAGE-INFO-02': {
    quote: 'Responses Content Type application/json Successfully retrieved',
    means: 'The item comes with `Content-Type: application/json`.',
  },
  'VONAGE-INFO-03': {
    quote:
      'Example Response { "id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "original_file_name": "test.wav", … "metadata_secondary": "string" }',
    means: 'The item has every member of the example, with the same JSON types where they are set.',
    note: 'The SDK’s type has `title` and `description` as well: they may be there.',
  },
  'VONAGE-ITEM-01': {
    quote: 'id string … A UUID representing the object.',
    means: '`id` is a UUID, and the one that the other endpoints take.',
  },
  'VONAGE-ITEM-02': {
    quote:
      'original_file_name string exampletest.wav The filename of the object as it was originally uploaded.',
    means: '`original_file_name` is the name under which the file was uploaded, in full Unicode.',
  },
  'VONAGE-ITEM-03': {
    quote: 'mime_type string exampleaudio/vnd.wave The IETF MIME type of the file.',
    means: '`mime_type` is the type of the file: `audio/vnd.wave` for a WAV.',
  },
  'VONAGE-ITEM-04': {
    quote:
      'account_id string exampleabcd1234 The ID of your Nexmo account. This is the same as your API key.',
    means: '`account_id` is the API key that clients of the account log in with.',
  },
  'VONAGE-ITEM-05': {
    quote: 'store_id string examples3 An internal identifier of how the file is stored.',
    means: '`store_id` is a non-empty string that names the kind of store, and no path or credential of it.',
  },
  'VONAGE-ITEM-06': {
    quote: 'max_downloads_allowed integer The maximum number of times the file may be downloaded.',
    means: '`max_downloads_allowed` is the limit that was set, as an integer.',
  },
  'VONAGE-ITEM-07': {
    quote: '"max_downloads_allowed": 0, "times_downloaded": 1,',
    means:
      '`max_downloads_allowed` is 0 where there is no limit, and such an item has been and can be downloaded.',
  },
  'VONAGE-ITEM-08': {
    quote: 'times_downloaded integer example1 The number of times the file has been downloaded.',
    means: '`times_downloaded` is 0 at first and 1 more after each download.',
  },
  'VONAGE-ITEM-09': {
    quote: 'etag string exampleaaaaaaaabbbbccccdddd0123456789ab An identifier for the content.',
    means: '`etag` is a string of hexadecimal digits without quotes, the same for the same content.',
  },
  'VONAGE-ITEM-10': {
    quote:
      'This will change if the content of the file has been changed (i.e. if you upload a new version of the file).',
    means: '`etag` is another one after a new version of the file was uploaded.',
  },
  'VONAGE-ITEM-11': {
    quote: 'This will change if the content of the file has been changed',
    means: '`etag` stays as it is when only what is said about the file is updated.',
  },
  'VONAGE-ITEM-12': {
    quote: 'For more information see Wikipedia: HTTP ETag',
    means: 'The `ETag` header of the download is this `etag`, in quotes.',
  },
  'VONAGE-ITEM-13': {
    quote: 'media_size integer example1234567 The size of the file in bytes',
    means: '`media_size` is the number of bytes of the file, as an integer.',
  },
  'VONAGE-ITEM-14': {
    quote:
      'time_created string example2020-01-01T14:00:00.000Z A timestamp for the time that the file was created',
    means: '`time_created` is when the item was made, in UTC with milliseconds and `Z`, and never changes.',
  },
  'VONAGE-ITEM-15': {
    quote:
      'time_last_updated string example2020-01-01T14:00:00.000Z A timestamp for the time that the file was last modified',
    means: '`time_last_updated` has the same form and is later after each update.',
  },
  'VONAGE-ITEM-16': {
    quote: 'public boolean Whether the item is available for download without authentication.',
    means: '`public` is a boolean, and false of an item of which nothing else was said.',
  },
  'VONAGE-ITEM-17': {
    quote: 'metadata_primary string A user set string containing metadata about the media file.',
    means: '`metadata_primary` is the string that a user set, unchanged.',
  },
  'VONAGE-ITEM-18': {
    quote: 'metadata_secondary string A user set string containing further metadata about the media file.',
    means: '`metadata_secondary` is the string that a user set, unchanged and apart from `metadata_primary`.',
  },
} as const satisfies Promises<'VONAGE'>
