import { type ConfigTable, integer } from '../../platform/config.ts'

export const retentionConfig = {
  TRASH_DAYS: {
    default: 30,
    about: 'Days for which the bytes of a deleted media are kept; 0 removes them at the next sweep.',
    parse: integer(0, 36_500),
  },
  KEEP_VERSIONS: {
    default: 10,
    about:
      'Contents of a media that are kept, the present one included; older ones go 8 days after they have become too many.',
    parse: integer(1, 1_000),
  },
} satisfies ConfigTable
