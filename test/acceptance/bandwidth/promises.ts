import type { Promises } from '../promise.ts'

/** Of the media of Bandwidth’s Messaging API, v2. */
export const PROMISES = {
  'BANDWIDTH-UPLOAD-01': {
    quote:
      'The Media resource lets you upload your media files to Bandwidth API servers so they can be used in applications without requiring a separate hosting provider.',
    means: 'What was uploaded is downloaded again at the URL of the upload, byte for byte.',
  },
  'BANDWIDTH-UPLOAD-02': {
    quote:
      'PUT https://messaging.bandwidth.com/api/v2/users/{accountId}/media/{file.mp3} HTTP/1.1 Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ= Content-Type: text/plain Content-Length: 60 "@/filepath/file.mp3" Response HTTP 204 No Content',
    means:
      'The example, with credentials of the gateway and 60 bytes as text/plain under the name `file.mp3`, is answered 204 without a body.',
  },
  'BANDWIDTH-UPLOAD-03': {
    quote:
      'This method uploads a file over HTTP. You may add headers to the request in order to provide some control to your media-file.',
    means: 'The `Content-Type` of the upload is kept with the file and comes back with its download.',
    note: 'Bandwidth’s smoke test in Python expects the uploaded type.',
  },
  'BANDWIDTH-UPLOAD-04': {
    quote: 'The API supports the Cache-Control header when you upload files.',
    means: 'The `Cache-Control` of the upload is kept with the file and comes back with its download.',
  },
  'BANDWIDTH-UPLOAD-05': {
    quote:
      'If a file being uploaded has the same name as a file that already exists under that api account, the new file will overwrite the old file.',
    means:
      'A second PUT to a name is answered 204, and from then on the download has the new bytes, type and Cache-Control.',
  },
  'BANDWIDTH-UPLOAD-06': {
    quote:
      'If a file being uploaded has the same name as a file that already exists … the new file will overwrite the old file.',
    means: 'After a second PUT to a name the list has it once, with the new length.',
  },
  'BANDWIDTH-UPLOAD-07': {
    quote: 'a file that already exists under that api account',
    means: 'A file of the same name in another account stays as it is.',
  },
  'BANDWIDTH-LIMIT-01': {
    quote: 'You can upload files up to 3.75MB',
    means: 'A file of 3 932 160 bytes is accepted.',
    note: 'Whether MB or MiB is said nowhere: the larger one.',
  },
  'BANDWIDTH-LIMIT-02': {
    quote: 'You can upload files up to 3.75MB',
    means:
      'A file of 3 932 161 bytes is answered with a 4xx, and neither is it there nor is what it would have overwritten gone.',
  },
  'BANDWIDTH-LIMIT-03': {
    quote: 'file storage is free for an unlimited number of files',
    means: 'The 1 001st file of an account is accepted like the first.',
  },
  'BANDWIDTH-RETENTION-01': {
    quote: 'Files are stored for up to 48 hours.',
    means: 'A file is in the list and downloadable until 48 hours after its upload.',
  },
  'BANDWIDTH-RETENTION-02': {
    quote: 'Bandwidth retains uploaded media for up to 48 hours.',
    means: '48 hours after its upload a file is answered 404 and is in no list.',
  },
  'BANDWIDTH-AUTH-01': {
    quote:
      "Files you upload can only be accessed by you when you supply your API user's username and password",
    means:
      'List, download, upload and delete each answer a request with Basic and an API user’s name and password.',
  },
  'BANDWIDTH-AUTH-02': {
    quote: 'they are not available to anonymous users',
    means:
      'List, download, upload and delete without credentials are answered 401, for a name that there is as for one that there is not.',
  },
  'BANDWIDTH-AUTH-03': {
    quote: 'Files you upload can only be accessed by you',
    means:
      'The user of another account is refused at each of the four with 403, whether or not there are such an account and such a file.',
  },
  'BANDWIDTH-AUTH-04': {
    quote:
      'You MUST use your API username and password to download the media each and every time you want to access the file.',
    means:
      'A download without credentials is answered 401 right after one with them, over the same connection; no cookie is set.',
  },
  'BANDWIDTH-AUTH-05': {
    quote: "when you supply your API user's username and password",
    means: 'A wrong password and an unknown user are answered 401.',
  },
  'BANDWIDTH-LIST-01': {
    quote: 'This operation returns a list of all the media files on your account.',
    means: 'The list has every file of the account once, and none of another.',
  },
  'BANDWIDTH-LIST-02': {
    quote:
      'GET https://messaging.bandwidth.com/api/v2/users/12345/media HTTP/1.1 Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ= Response HTTP/1.1 200 OK Content-Type: application/json [',
    means:
      'The example, with an account and credentials of the gateway, is answered 200, application/json, with an array.',
  },
  'BANDWIDTH-LIST-03': {
    quote: 'Each request returns a maximum of 1000 media files.',
    means: 'Of 1 001 files an answer has 1 000.',
  },
  'BANDWIDTH-LIST-04': {
    quote:
      'Retrieving more than 1000 media files requires use of the Continuation-Token header. The Continuation-Token is returned in the response header',
    means: 'Where there is more the answer has a `Continuation-Token` header.',
  },
  'BANDWIDTH-LIST-05': {
    quote:
      'can be included in another request in the request header to continue retrieving the subsequent media files',
    means:
      'With that header the next request has the files that follow: all requests together have each file once.',
  },
  'BANDWIDTH-LIST-06': {
    quote: 'The Continuation-Token does not need to be set for the 1st request.',
    means: 'Without the header the list begins at its first file.',
  },
  'BANDWIDTH-LIST-07': {
    quote: '"contentLength": 561276,',
    means: '`contentLength` is the size of the file in bytes, as an integer.',
  },
  'BANDWIDTH-LIST-08': {
    quote: '"mediaName": "{mediaName1}",',
    means:
      '`mediaName` is the name to which the file was uploaded, also with spaces, slashes and letters beyond ASCII.',
  },
  'BANDWIDTH-LIST-09': {
    quote: '"content": "https://messaging.bandwidth.com/.../media/{mediaName1}"',
    means: '`content` is an absolute URL, from which the file is downloaded with the same credentials.',
  },
  'BANDWIDTH-LIST-10': {
    quote:
      '[ { "contentLength": 561276, "mediaName": "{mediaName1}", "content": "https://messaging.bandwidth.com/.../media/{mediaName1}" }, {',
    means: 'Entries have these three members, and no other.',
  },
  'BANDWIDTH-DOWNLOAD-01': {
    quote:
      'GET https://messaging.bandwidth.com/api/v2/users/{accountId}/media/{mediaId} HTTP/1.1 Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ= Response HTTP/1.1 200 OK … // The response body will be binary of your media',
    means:
      'The example, with credentials of the gateway, is answered 200 with the bytes of the file and their length.',
  },
  'BANDWIDTH-DOWNLOAD-02': {
    quote: 'HTTP/1.1 200 OK Content-Type: application/octet-stream',
    means:
      'A file that was uploaded without a type, or as application/octet-stream, is downloaded as application/octet-stream.',
  },
  'BANDWIDTH-PRACTICE-01': {
    quote:
      "We DO NOT recommend using Bandwidth's url to display/stream media files to your end-users. Providing your account id, username, and password to users' devices is a security risk, as they could use your credentials to access your account.",
    means:
      'A file uploaded here is given to end users by a share link or a signed URL of the gateway, in which there are no credentials of the account.',
  },
  'BANDWIDTH-PRACTICE-02': {
    quote:
      'We recommend that you create a copy on your local server or a cloud storage service. Doing so allows you to specify your authentication method (if any) to keep your Bandwidth account and users safe.',
    means:
      'Such a link opens one file and until its time: it opens no other file and no list, and ends nothing of the rule that this API is never anonymous.',
  },
  'BANDWIDTH-DELETE-01': {
    quote:
      'DELETE https://messaging.bandwidth.com/api/v2/users/{accountId}/media/{file.mp3} HTTP/1.1 Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ= Response HTTP 204 No Content',
    means: 'The example, with credentials of the gateway, is answered 204 without a body.',
  },
  'BANDWIDTH-DELETE-02': {
    quote: 'Delete a Media File',
    means: 'A deleted file is answered 404 and is in no list.',
  },

  'BANDWIDTH-BOTH-01': {
    quote: 'Content-Type: application/octet-stream // The response body will be binary of your media',
    means:
      'A download has the type of its upload (image/jpeg), and application/octet-stream where that had none.',
    note: 'Bandwidth’s smoke test in Python.',
  },
  'BANDWIDTH-BOTH-02': {
    quote: 'Content-Length: 60',
    means:
      'An upload with `Content-Length` and one with `Transfer-Encoding: chunked` are both answered 204, with all bytes kept.',
    note: '@bandwidth/messaging sends chunks and no length.',
  },
  'BANDWIDTH-BOTH-03': {
    quote: '/media/{file.mp3}',
    means:
      'A plain name, a name with `%2F` and `%20`, and one with raw slashes work in upload, download and delete, and the encoded and the raw form are one file.',
    note: 'Both SDKs send `encodeURIComponent`; URLs of inbound messages have raw slashes.',
  },
  'BANDWIDTH-OURS-01': {
    quote: '',
    means: 'DELETE of a name that there is not, or no longer, is answered 204.',
    note: 'Bandwidth’s smoke test in Python deletes twice.',
  },
  'BANDWIDTH-OURS-02': {
    quote: '',
    means: 'A deleted name is free at once: a PUT to it is answered 204, and the download has the new bytes.',
  },
  'BANDWIDTH-OURS-03': {
    quote: '',
    means: 'An overwritten file has a new ETag and remains the same media in GraphQL.',
  },
  'BANDWIDTH-OURS-04': {
    quote: '',
    means:
      'A file uploaded as an active type, such as text/html or image/svg+xml, is never delivered as active content.',
  },
  'BANDWIDTH-OURS-05': {
    quote: '',
    means:
      'An upload in chunks without a length is refused once it passes the limit, without being read to its end.',
  },
  'BANDWIDTH-OURS-06': {
    quote: '',
    means:
      'The 48 hours begin anew with each upload to the name, and the configuration may set another time.',
  },
  'BANDWIDTH-OURS-07': {
    quote: '',
    means:
      'Errors have a JSON body of `type` and `description`: 400 `request-validation`, 401 `unauthorized`, 403 `forbidden`, 404, 413, 429, 500.',
    note: '@bandwidth/messaging reads both from its ApiError.',
  },
  'BANDWIDTH-OURS-08': {
    quote: '',
    means: '`Authorization: Bearer` with a token of the gateway does what Basic does.',
  },
  'BANDWIDTH-OURS-09': {
    quote: '',
    means: 'A media that is public elsewhere is answered 401 here without credentials.',
  },
  'BANDWIDTH-OURS-10': {
    quote: '',
    means:
      'The last answer of a list has no `Continuation-Token`, also where the account has exactly 1 000 files.',
  },
  'BANDWIDTH-OURS-11': {
    quote: '',
    means:
      'A `Continuation-Token` that the gateway did not give, or gave to another account, is answered 400.',
  },
  'BANDWIDTH-OURS-12': {
    quote: '',
    means:
      'While files are uploaded, overwritten and deleted, reading on by `Continuation-Token` neither repeats nor leaves out a file that stays.',
  },
  'BANDWIDTH-OURS-13': { quote: '', means: 'A download of a name that there is not is answered 404.' },
  'BANDWIDTH-OURS-14': {
    quote: '',
    means:
      'What came in through the other three APIs, GraphQL and tus without a name is listed as `{id}/{original file name}`, and downloaded and deleted by that.',
  },
  'BANDWIDTH-OURS-15': {
    quote: '',
    means:
      'An overwrite here leaves what only other systems know of the item (title, tags, metadata, position) as it was.',
  },
  'BANDWIDTH-OURS-16': {
    quote: '',
    means:
      'The OpenAPI document of these endpoints is served at `/openapi/bandwidth.json` and names exactly the routes that there are.',
  },
  'BANDWIDTH-OURS-17': {
    quote: '',
    means: 'Switched off, every path of this API answers 404, and the other APIs go on.',
  },
  'BANDWIDTH-OURS-18': {
    quote: '',
    means:
      'Mounted under a path prefix, or for a host name, it answers there and nowhere else, and `content` leads there.',
  },
  'BANDWIDTH-OURS-19': {
    quote: '',
    means:
      'The documentation has a page on moving from Bandwidth: base URL, credentials, what is the same, what is better, what differs.',
  },
} as const satisfies Promises<'BANDWIDTH'>
