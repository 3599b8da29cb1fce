import { type ConfigTable, integer, onOff } from '../../platform/config.ts'
import { type DocumentList, documentList } from './document-list.ts'

const HITS_TO_COMPILE = 20

export const graphqlConfig = {
  PLAYGROUND: {
    default: true,
    defaultText: 'on',
    about: 'Serves the GraphQL playground at /playground.',
    parse: onOff,
  },
  INTROSPECTION: {
    default: true,
    defaultText: 'on',
    about: 'Answers introspection queries; off also hides names of the schema in error messages.',
    parse: onOff,
  },
  PERSISTED_OPERATIONS: {
    default: undefined as DocumentList | undefined,
    defaultText: 'none',
    about:
      'File of documents that clients may name by their id: a persisted query manifest, or an object of ids and documents.',
    parse: documentList,
  },
  PERSISTED_ONLY: {
    default: false,
    defaultText: 'off',
    about: 'Executes the documents of PERSISTED_OPERATIONS only.',
    parse: onOff,
  },
  OPERATION_SECONDS: {
    default: 30,
    about:
      'An operation that takes longer is given up, its SQL cancelled; one that brings files, or completes an upload, may take its time.',
    parse: integer(1, 3600),
  },
  COMPILE_AFTER: {
    default: HITS_TO_COMPILE as number | null,
    about: 'How often a query must have come to be compiled; 0 compiles each at once, `off` none.',
    parse: (input: string) => (input === 'off' ? { value: null } : integer(0, 1_000_000)(input)),
  },
} satisfies ConfigTable
