import { type ConfigTable, integer } from '../../platform/config.ts'

export const retentionConfig = {
  TRASH_DAYS: {
    default: 30,
    about: 'Days for which the bytes of a deleted media are kept; 0 removes them at the next sweep.',
    parse: integer(0, 36_500),
  },
} satisfies ConfigTable
