import { bytes, type ConfigTable, integer } from '../../platform/config.ts'

/** Neither is any number. */
const NONE: number | null = null

export const usageConfig = {
  QUOTA_BYTES: {
    default: NONE,
    defaultText: 'none',
    about:
      'Bytes that an account may use, with a unit or without (5GB, 10GiB), unless `account quota` says otherwise of it: contents, old versions, the trash, pictures made of them, and uploads under way.',
    parse: bytes,
  },
  QUOTA_ITEMS: {
    default: NONE,
    defaultText: 'none',
    about:
      'Media that an account may have, those in the trash included, unless `account quota` says otherwise of it.',
    parse: integer(0, Number.MAX_SAFE_INTEGER),
  },
} satisfies ConfigTable
