import { type ConfigTable, onOff } from '../../platform/config.ts'

export const graphqlConfig = {
  PLAYGROUND: {
    default: true,
    defaultText: 'on',
    about: 'Serves the GraphQL playground at /playground.',
    parse: onOff,
  },
  INTROSPECTION: { default: true, defaultText: 'on', about: 'Answers introspection queries.', parse: onOff },
} satisfies ConfigTable
