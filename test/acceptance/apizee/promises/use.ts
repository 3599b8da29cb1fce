import type { Promises } from '../../promise.ts'

export const USE = {
  'APIZEE-USE-01': {
    quote: 'Display all media associated with a conversation in your app’s UI.',
    means:
      'The list of a conversation has, for each of its media, a `thumbnail_url` and a `url` that a browser without the token can show.',
  },
  'APIZEE-USE-02': {
    quote: 'Filter to only show recent snapshots or recordings.',
    means: '`since` with `media_type` gives the recent snapshots, or recordings, newest first.',
  },
  'APIZEE-USE-03': {
    quote: 'Implement bulk download or cleanup tools.',
    means:
      'A client that lists, downloads and deletes page by page has each file once and leaves an empty list.',
  },
  'APIZEE-USE-04': {
    quote: 'Check if a recording is ready for download.',
    means: '`status` is not `completed` while a recording is being understood, and `completed` once it is.',
  },
  'APIZEE-USE-05': {
    quote: 'Get metadata before archiving or sharing a media item.',
    means: 'The media’s `filesize` and `filename` are those of the file that is then downloaded.',
  },
  'APIZEE-USE-06': {
    quote: 'Save a snapshot locally for documentation or evidence.',
    means: 'A browser is told to save the download, under the media’s file name.',
  },
  'APIZEE-USE-07': {
    quote: 'Download a full recording for offline review or editing.',
    means: 'A download of a recording that broke off is resumed by `Range`, and the parts are the file.',
  },
  'APIZEE-USE-08': {
    quote: 'Transfer media to external processing/storage systems.',
    means: 'The download has `Content-Length` and an `ETag` by which a copy is checked for being current.',
  },
  'APIZEE-USE-09': {
    quote: 'Tag media for case tracking or analytics.',
    means: 'Tags of an update are counted among the account’s tags in GraphQL.',
  },
  'APIZEE-USE-10': {
    quote: 'Extend or reduce retention for compliance.',
    means:
      'A later retention date takes the place of an earlier one, and an earlier one that of a later one.',
  },
  'APIZEE-USE-11': {
    quote: 'Add categorization labels for later search.',
    means: 'Media that were given the same label are found together by `tag`, and those without it are not.',
  },
  'APIZEE-USE-12': {
    quote: 'Free up storage space once media has been archived.',
    means: 'The account’s used bytes are fewer by the media’s after the delete.',
  },
  'APIZEE-USE-13': {
    quote: 'Remove sensitive snapshots to comply with GDPR or internal policy.',
    means:
      'After the delete and the work it leaves behind, the store has neither the snapshot’s bytes nor its thumbnails.',
  },
  'APIZEE-USE-14': {
    quote:
      'The Media API allows you to manage and retrieve media generated during conversations, such as snapshots, screen captures, and call recordings.',
    means:
      'A snapshot and a recording of one conversation are each listed, inspected, updated, downloaded and deleted in turn.',
  },
} as const satisfies Promises<'APIZEE'>
