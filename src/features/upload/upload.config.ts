import { bytes, type ConfigTable, integer } from '../../platform/config.ts'

export const uploadConfig = {
  MAX_UPLOAD_BYTES: {
    default: 10 * 2 ** 30,
    defaultText: '10GiB',
    about: 'Largest file that is taken, in bytes or with a unit (100MB, 2GiB).',
    parse: bytes,
  },
  MAX_UPLOAD_FILES: {
    default: 20,
    about: 'Most files in one multipart request.',
    parse: integer(1, 1000),
  },
  UPLOAD_LEASE_SECONDS: {
    default: 60,
    about: 'How long an upload survives a pause of the gateway; broken-off uploads are cleared after it.',
    parse: integer(1, 3600),
  },
  UPLOAD_EXPIRES_SECONDS: {
    default: 86_400,
    about:
      'How long a ticket holds, and a resumable upload may take; what has come until then and is not completed goes.',
    parse: integer(1, 7 * 86_400),
  },
} satisfies ConfigTable
