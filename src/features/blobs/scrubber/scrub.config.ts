import { bytes, type ConfigTable, integer } from '../../../platform/config.ts'

export const scrubConfig = {
  SCRUB_SAMPLE: {
    default: 1_000,
    about:
      'Blobs of each store that are read every night and compared with their SHA-256, chosen at random; 0 = none.',
    parse: integer(0, 10_000_000),
  },
  SCRUB_MAX_BYTES: {
    default: 20 * 2 ** 30,
    defaultText: '`20GiB`',
    about: 'Bytes that are read for it in one night at the most.',
    parse: bytes,
  },
  SCRUB_BYTES_PER_SECOND: {
    default: 20 * 2 ** 20,
    defaultText: '`20MiB`',
    about: 'How fast they are read at the most, so that downloads do not wait.',
    parse: bytes,
  },
  SCRUB_DAYS: {
    default: 7,
    about:
      'In so many nights every blob is looked for in its store, and every object in the database, a part each night; 0 = never.',
    parse: integer(0, 365),
  },
} satisfies ConfigTable
