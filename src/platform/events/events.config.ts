import { type ConfigTable, integer } from '../config.ts'

export const eventsConfig = {
  EVENT_DAYS: {
    default: 7,
    about: 'Days for which events are kept; a subscriber that was away for longer has to load its list anew.',
    parse: integer(1, 3650),
  },
} satisfies ConfigTable
