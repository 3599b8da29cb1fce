import type { Promises } from '../../promise.ts'

export const WRITE = {
  'CMS-UPLOAD-01': {
    quote: 'Upload a new media file. … POST Base URL /api/media',
    means: 'POST `/api/media` with one file answers 201 with its media, which get and list then have.',
    note: 'The bare object, by Contentive’s code; its console sends a multipart form with the field `file`.',
  },
  'CMS-UPLOAD-02': {
    quote: 'Upload a new media file. Requires media:create scope.',
    means: 'A token without media:create is answered 403, and nothing is kept.',
  },
  'CMS-UPLOAD-03': {
    quote: 'JPEG (.jpg, .jpeg) - image/jpeg',
    means: 'A JPEG, as .jpg and as .jpeg, is accepted: type image, image/jpeg.',
  },
  'CMS-UPLOAD-04': { quote: 'PNG (.png) - image/png', means: 'A PNG is accepted: type image, image/png.' },
  'CMS-UPLOAD-05': { quote: 'GIF (.gif) - image/gif', means: 'A GIF is accepted: type image, image/gif.' },
  'CMS-UPLOAD-06': {
    quote: 'PDF (.pdf) - application/pdf',
    means: 'A PDF is accepted: type file, application/pdf.',
  },
  'CMS-UPLOAD-07': {
    quote: 'Microsoft Word (.doc, .docx) - application/msword',
    means: 'A .doc and a .docx, sent as application/msword, are accepted: type file.',
  },
  'CMS-UPLOAD-08': {
    quote: 'Microsoft Excel (.xls, .xlsx) - application/vnd.ms-excel',
    means: 'An .xls and an .xlsx, sent as application/vnd.ms-excel, are accepted: type file.',
  },
  'CMS-UPLOAD-09': { quote: 'Video (.mp4) - video/mp4', means: 'An MP4 is accepted: type video, video/mp4.' },
  'CMS-UPLOAD-10': {
    quote: 'Audio (.mp3) - audio/mpeg',
    means: 'An MP3 is accepted: type audio, audio/mpeg.',
  },
  'CMS-UPLOAD-11': {
    quote: 'Supported File Types',
    means:
      'A file of any other type, such as text, a ZIP, HTML or a WebP, is refused, and nothing of it is kept.',
  },
  'CMS-LIMIT-01': {
    quote: 'Images: Max 10MB',
    means:
      'A picture of the limit is accepted; one that is a byte larger is answered 413 `{"error": "File size too large"}`, and nothing is kept.',
    note: 'Status and text are those of Contentive’s page for administrators.',
  },
  'CMS-LIMIT-02': {
    quote: 'Documents: Max 20MB',
    means: 'A document of the limit is accepted, and one that is a byte larger refused in the same way.',
  },
  'CMS-LIMIT-03': {
    quote: 'Videos: Max 100MB',
    means: 'A film of the limit is accepted, and one that is a byte larger refused in the same way.',
  },
  'CMS-LIMIT-04': {
    quote: 'Audio: Max 50MB',
    means: 'A sound of the limit is accepted, and one that is a byte larger refused in the same way.',
  },
  'CMS-DELETE-01': {
    quote: 'Delete a media file. … DELETE Base URL /api/media/:id Headers1 Request Body',
    means: 'DELETE `/api/media/{id}`, without a body and with an empty one, answers 204.',
    note: 'The status is that of Contentive’s code.',
  },
  'CMS-DELETE-02': {
    quote: 'Delete a media file. Requires media:delete scope.',
    means: 'A token without media:delete is answered 403, and the media stays.',
  },
  'CMS-DELETE-03': {
    quote: 'Delete a media file.',
    means: 'A deleted media is gone: get and delete answer 404, no list has it, and its `url` has no bytes.',
  },
  'CMS-ERROR-01': {
    quote: '400 Bad Request { "error": "No file uploaded" }',
    means:
      'An upload without the field `file`, or without a form, is answered 400 `{"error": "No file uploaded"}`.',
  },
  'CMS-ERROR-02': {
    quote: '400 Bad Request … { "error": "Invalid file type" }',
    means: 'An upload of a type that is not in the table is answered 400 `{"error": "Invalid file type"}`.',
  },
  'CMS-ERROR-03': {
    quote: '401 Unauthorized { "error": "Missing or invalid API token" }',
    means:
      'No token, another form of header and a token that there is not are answered 401 `{"error": "Missing or invalid API token"}`.',
  },
  'CMS-ERROR-04': {
    quote: '403 Forbidden { "error": "Insufficient scope" }',
    means: 'A token without the scope is answered 403 `{"error": "Insufficient scope"}` at each endpoint.',
  },
  'CMS-ERROR-05': {
    quote: '404 Not Found { "error": "Media not found" }',
    means:
      'Get and delete of an id that there is not, or that is no UUID, are answered 404 `{"error": "Media not found"}`.',
  },
  'CMS-ERROR-06': {
    quote: '500 Internal Server Error { "error": "Failed to upload file" }',
    means:
      'An upload whose bytes the store does not take is answered 500 `{"error": "Failed to upload file"}`, and no media is there.',
  },
  'CMS-ERROR-07': {
    quote: '{ "error": "Failed to create media record" }',
    means:
      'An upload that the database does not take is answered 500 `{"error": "Failed to create media record"}`, and no media is there.',
  },
} as const satisfies Promises<'CMS'>
