import type { Promises } from '../../promise.ts'

export const ITEM = {
  'APIZEE-INFO-01': {
    quote: 'Endpoint: GET /api/v3/medias/{mediaId} … Set to the ID of the media that you want to return.',
    means: 'GET `/api/v3/medias/{id}` answers 200 with that media.',
  },
  'APIZEE-INFO-02': {
    quote:
      'Returns full metadata for a specific media item, including type, status, creation time, size, and format.',
    means: 'The media has type, status, creation time and size, and its format by its file name.',
  },
  'APIZEE-INFO-03': {
    quote:
      'Good case { "id": 1, "hash": "effd54e0-4dbb-11ea-884d-5df05d0af01", … "url": "https://cloud.apizee.com/media/showVideo/1/hash/effd54e0-4dbb-11ea-884d-5df05d0af01" }',
    means:
      'The media has the members of the example, of the same JSON types where they are set, and no other.',
  },
  'APIZEE-ITEM-01': {
    quote: '"id": 1,',
    means: '`id` is an integer that no other media of the installation has.',
  },
  'APIZEE-ITEM-02': {
    quote: '"hash": "effd54e0-4dbb-11ea-884d-5df05d0af01",',
    means:
      '`hash` is a string of the form of a UUID, cannot be worked out from the id, and is the one in `url`.',
  },
  'APIZEE-ITEM-03': {
    quote: '"created": "2020-01-01T00:00:00+00:00",',
    means: '`created` is when the media was made, to the second, with `+00:00`.',
  },
  'APIZEE-ITEM-04': {
    quote: '"owner": { "id": 1000,',
    means: '`owner.id` is an integer, one for each user.',
  },
  'APIZEE-ITEM-05': { quote: '"name": "John Doe"', means: '`owner.name` is the name of the user.' },
  'APIZEE-ITEM-06': {
    quote: '"title": "media-3npGq6km5jx2s4ct-1538745137",',
    means: '`title` is the title that was set, and the file’s name without extension where none was.',
  },
  'APIZEE-ITEM-07': {
    quote: '"description": "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",',
    means: '`description` is what was set.',
  },
  'APIZEE-ITEM-08': {
    quote: '"filename": "media-3npGq6km5jx2s4ct-1538745137.png",',
    means: '`filename` is the file’s name, with extension.',
  },
  'APIZEE-ITEM-09': {
    quote: '"status": "completed",',
    means: '`status` is `completed` of a media that is ready.',
  },
  'APIZEE-ITEM-10': {
    quote: '"media_type": "image",',
    means: '`media_type` is `image` of a picture, and says of films, sounds and documents what they are.',
    note: 'The other values are not visible; `video`, `audio` and `document` are taken.',
  },
  'APIZEE-ITEM-11': {
    quote: '"source_type": "unknown",',
    means: '`source_type` is `unknown` where none was given, and else what was given.',
  },
  'APIZEE-ITEM-12': { quote: '"filesize": 122619,', means: '`filesize` is the number of bytes of the file.' },
  'APIZEE-ITEM-13': {
    quote: '"geoloc": { "lat": -17.494911, "lng": -149.493584 },',
    means: '`geoloc` has latitude and longitude as numbers, as they were set.',
  },
  'APIZEE-ITEM-14': {
    quote:
      '"thumbnail_url": "https://cloud.apizee.com/media/showVideo/1/hash/effd54e0-4dbb-11ea-884d-5df05d0af01?thumbnail=1",',
    means: '`thumbnail_url` is `url` with `?thumbnail=1`, and a small picture is downloaded from it.',
  },
  'APIZEE-ITEM-15': {
    quote: '"url": "https://cloud.apizee.com/media/showVideo/1/hash/effd54e0-4dbb-11ea-884d-5df05d0af01"',
    means:
      '`url` is `{origin}/media/showVideo/{id}/hash/{hash}`, and the file’s bytes are downloaded from it.',
  },
  'APIZEE-DOWNLOAD-01': {
    quote:
      'Endpoint: GET /api/v3/medias/{mediaId}/download Description: Returns the binary file for the given media item.',
    means: 'GET `/api/v3/medias/{id}/download` answers 200 with the bytes as they were uploaded.',
  },
  'APIZEE-DOWNLOAD-02': {
    quote: 'Different kind of responses',
    means: 'The download has the type of the file: image/png of a snapshot, video/mp4 of a recording.',
  },
  'APIZEE-DOWNLOAD-03': {
    quote: 'Error case when the user is not allowed to download the media',
    means:
      'A token of the account that may not read media (another scope, an ACL elsewhere) is answered 403.',
  },
  'APIZEE-DOWNLOAD-04': {
    quote: 'Set to the ID of the media that you want to download.',
    means: 'The download of an id that there is not, or that is no integer, is answered 404.',
  },
  'APIZEE-DOWNLOAD-05': {
    quote:
      'GET /api/v3/medias/{mediaId}/download HTTP/1.1 Host: cloud.apizee.com Authorization: Bearer YOUR_SECRET_TOKEN Accept: */* No content',
    means: 'The example, with `Accept: */*` and no body, gets the file and no redirect.',
  },
} as const satisfies Promises<'APIZEE'>
