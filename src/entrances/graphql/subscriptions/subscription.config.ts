import { type ConfigTable, integer } from '../../../platform/config.ts'

export const subscriptionConfig = {
  MAX_SUBSCRIPTIONS: {
    default: 1000,
    about: 'Subscriptions that one credential may have open at one node.',
    parse: integer(1, 1_000_000),
  },
} satisfies ConfigTable
