import type { Promises } from '../../promise.ts'

export const PRACTICE = {
  'CMS-PRACTICE-01': {
    quote: 'Optimize images before upload',
    means:
      'Who uploaded a large picture gets it in a smaller size from the gateway, with fewer bytes than the original.',
  },
  'CMS-PRACTICE-02': {
    quote: 'Use appropriate file formats',
    means:
      'An uploaded picture is delivered in the format that the client accepts (AVIF or WebP, else the original’s), with `Vary: Accept`.',
  },
  'CMS-PRACTICE-03': {
    quote: 'Keep file sizes within limits',
    means: 'An upload whose `Content-Length` is beyond every limit is refused before its body has been sent.',
  },
  'CMS-PRACTICE-04': {
    quote: 'Use descriptive file names',
    means:
      'A long descriptive name with spaces and letters beyond ASCII is kept, found by `search`, and is the name of the download.',
  },
  'CMS-PRACTICE-05': {
    quote: 'Implement proper error handling',
    means:
      'Every refusal has a fitting status and a JSON body with the one member `error`, a string that names nothing internal.',
  },
  'CMS-PRACTICE-06': {
    quote: 'Validate file types before upload',
    means: 'A file whose type is refused is refused by its first bytes, without being read to its end.',
  },
  'CMS-PRACTICE-07': {
    quote: 'Handle network issues gracefully',
    means: 'An upload that breaks off leaves no media, and sending it again makes one.',
  },
  'CMS-PRACTICE-08': {
    quote: 'Check file size limits',
    means: 'A file without a stated length is refused when it passes its limit, and not at its end.',
  },
  'CMS-PRACTICE-09': {
    quote: 'Validate file content types',
    means:
      'A file that is declared to be image/jpeg but is HTML or a program is answered 400 `{"error": "Invalid file type"}`: the bytes decide.',
  },
  'CMS-PRACTICE-10': {
    quote: 'Scan for malware',
    means: 'With a scanner set, an infected upload is never delivered at its `url`.',
  },
  'CMS-PRACTICE-11': {
    quote: 'Use secure connections (HTTPS)',
    means: 'Behind a proxy that ends TLS, `url` begins with https:// of the public origin.',
  },
  'CMS-PRACTICE-12': {
    quote: 'Implement proper authentication',
    means: 'A revoked, expired or inactive token is answered 401 from then on at each endpoint.',
  },
  'CMS-PRACTICE-13': {
    quote: 'Batch uploads when possible',
    means: 'Many files uploaded by one request of the gateway are all in the list.',
  },
  'CMS-PRACTICE-14': {
    quote: 'Consider implementing resumable uploads',
    means: 'A file whose upload by tus was broken off and resumed is in the list, byte for byte.',
  },
  'CMS-PRACTICE-15': {
    quote: 'Cache frequently accessed media',
    means: '`url` is answered with `ETag` and `Cache-Control`, and 304 with `If-None-Match`.',
  },
  'CMS-PRACTICE-16': {
    quote: 'Use appropriate compression',
    means: 'Lists are compressed for a client that accepts it, and files are delivered as their bytes are.',
  },

  'CMS-BOTH-01': {
    quote: '{ "error": "Missing or invalid API token" } … { "error": "Insufficient scope" }',
    means:
      'Where the documentation’s texts and those of Contentive’s code differ (no header, bad header, unknown, expired, inactive, scope) the documentation’s are sent.',
    note: 'Code: “Missing Authorization header”, “Insufficient permissions” and others, with the same statuses.',
  },
  'CMS-BOTH-02': {
    quote: '"width": 800, "height": 600, "duration": null',
    means:
      '`width`, `height` and `duration` are in every media, as null where there is nothing to say, which a client of either form reads as no value.',
    note: 'Contentive’s code leaves null out.',
  },
  'CMS-BOTH-03': {
    quote:
      'Microsoft Word (.doc, .docx) - application/msword … Microsoft Excel (.xls, .xlsx) - application/vnd.ms-excel',
    means: 'A .docx and an .xlsx are accepted both under these types and under their OOXML types.',
    note: 'Browsers send the OOXML types.',
  },
  'CMS-OURS-01': {
    quote: '',
    means:
      '`width` and `height` of pictures and films and `duration` of films and sounds, in whole seconds, are filled in.',
    note: 'Contentive’s code never fills them.',
  },
  'CMS-OURS-02': {
    quote: '',
    means: '`search` is literal: `%`, `_` and a backslash find names that have them, and nothing else.',
  },
  'CMS-OURS-03': {
    quote: '',
    means: '`page` of 0 and less means 1, and `page_size` of 0 and less means 10.',
    note: 'As Contentive’s code has it.',
  },
  'CMS-OURS-04': {
    quote: '',
    means:
      'A `page` or `page_size` that is no number, and a `type` that there is not, are answered 400 with `error`.',
  },
  'CMS-OURS-05': {
    quote: '',
    means: 'A file sent as application/octet-stream or without a type is taken by what it is.',
    note: 'Contentive’s code goes by the extension.',
  },
  'CMS-OURS-06': { quote: '', means: '`/api/media/` is `/api/media`, for GET and for POST.' },
  'CMS-OURS-07': {
    quote: '',
    means: 'The newest media is first, and an order that is the same from page to page.',
  },
  'CMS-OURS-08': { quote: '', means: 'A page behind the last answers 200 with `data: []`.' },
  'CMS-OURS-09': {
    quote: '',
    means: 'A form with more than one file is refused with 400, and nothing is kept.',
  },
  'CMS-OURS-10': {
    quote: '',
    means:
      'A media of another account is answered like an id that there is not, byte for byte, and is in no list or total.',
  },
  'CMS-OURS-11': {
    quote: '',
    means:
      'What came in through the other three APIs, GraphQL and tus is listed, described and deleted here, whatever its type and size.',
  },
  'CMS-OURS-12': {
    quote: '',
    means:
      'An upload here is listed, described and downloaded through the other three APIs under one and the same content.',
  },
  'CMS-OURS-13': {
    quote: '',
    means:
      'The OpenAPI document of these endpoints is served at `/openapi/cms.json` and names exactly the routes that there are.',
  },
  'CMS-OURS-14': {
    quote: '',
    means: 'Switched off, every path of this API answers 404, and the other APIs go on.',
  },
  'CMS-OURS-15': {
    quote: '',
    means: 'Mounted under a path prefix, or for a host name, it answers there and nowhere else.',
  },
  'CMS-OURS-16': {
    quote: '',
    means:
      'The documentation has a page on moving from Contentive: base URL, credentials, what is the same, what is better, what differs.',
  },
} as const satisfies Promises<'CMS'>
