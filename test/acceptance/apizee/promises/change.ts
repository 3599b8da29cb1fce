import type { Promises } from '../../promise.ts'

export const CHANGE = {
  'APIZEE-UPDATE-01': {
    quote: 'Endpoint: PUT /api/v3/medias/{mediaId} … The ID of the media to update.',
    means: 'PUT `/api/v3/medias/{id}` changes that media and no other.',
  },
  'APIZEE-UPDATE-02': { quote: 'The new title of updated media.', means: '`title` is set.' },
  'APIZEE-UPDATE-03': { quote: 'The new description of updated media.', means: '`description` is set.' },
  'APIZEE-UPDATE-04': {
    quote: 'Latitude of geolocation data.',
    means: '`latitude` is set, and comes back as `geoloc.lat`.',
  },
  'APIZEE-UPDATE-05': {
    quote: 'Longitude of geolocation data.',
    means: '`longitude` is set, and comes back as `geoloc.lng`.',
  },
  'APIZEE-UPDATE-06': {
    quote: 'Updates mutable fields of a media item, such as labels',
    means: '`tags` are set: the list by `tag` then has the media.',
  },
  'APIZEE-UPDATE-07': {
    quote: 'Updates mutable fields of a media item, such as labels, retention date',
    means: 'A retention date is set: until then the media is there, and from then on it is not.',
  },
  'APIZEE-UPDATE-08': {
    quote: 'Updates mutable fields of a media item, such as labels, retention date, or custom metadata.',
    means: 'Custom metadata is set, and GraphQL shows it.',
  },
  'APIZEE-UPDATE-09': {
    quote: 'Updates mutable fields of a media item',
    means:
      'Fields that an update does not name, and those that cannot be changed (id, hash, created, owner, filesize, status, url), stay as they are.',
  },
  'APIZEE-UPDATE-10': {
    quote:
      'OK Bad Request Forbidden Not Found PUT /api/v3/medias/{mediaId} HTTP/1.1 Host: cloud.apizee.com Authorization: Bearer YOUR_SECRET_TOKEN Accept: */* { "id": 1, "hash": "effd54e0-4dbb-11ea-884d-5df05d0af01",',
    means: 'An update is answered 200 with the full media as it now is.',
  },
  'APIZEE-UPDATE-11': {
    quote: 'OK Bad Request',
    means:
      'A latitude beyond 90, a longitude beyond 180, and a value of a wrong type or form are answered 400, and nothing of that request is changed.',
  },
  'APIZEE-UPDATE-12': {
    quote: 'OK Bad Request Forbidden',
    means: 'Who may read the media but not change it is answered 403, and nothing is changed.',
  },
  'APIZEE-UPDATE-13': {
    quote: 'OK Bad Request Forbidden Not Found',
    means: 'An update of an id that there is not is answered 404.',
  },
  'APIZEE-DELETE-01': {
    quote: 'Endpoint: DELETE /api/v3/medias/{mediaId} … The ID of the media to delete. OK',
    means: 'DELETE `/api/v3/medias/{id}` answers 200 and deletes that media and no other.',
  },
  'APIZEE-DELETE-02': {
    quote:
      'DELETE /api/v3/medias/{mediaId} HTTP/1.1 Host: cloud.apizee.com Authorization: Bearer YOUR_SECRET_TOKEN Accept: */* []',
    means: 'The body of that answer is the JSON `[]`.',
  },
  'APIZEE-DELETE-03': {
    quote: 'Permanently deletes the specified media from storage.',
    means:
      'The media is in no list and no trash: get, download, `url` and `thumbnail_url` answer 404, and it cannot be restored.',
  },
  'APIZEE-DELETE-04': {
    quote: 'OK Forbidden Not Found DELETE /api/v3/medias/{mediaId} HTTP/1.1',
    means: 'Who may read the media but not delete it is answered 403, and the media stays.',
  },
  'APIZEE-DELETE-05': {
    quote: 'OK Forbidden Not Found DELETE /api/v3/medias/{mediaId} HTTP/1.1',
    means: 'DELETE of an id that there is not, or no longer, is answered 404.',
  },
} as const satisfies Promises<'APIZEE'>
