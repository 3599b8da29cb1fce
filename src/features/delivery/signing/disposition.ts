import { registerEnumType } from 'type-graphql'

export const Disposition = { INLINE: 'inline', ATTACHMENT: 'attachment' } as const
export type Disposition = (typeof Disposition)[keyof typeof Disposition]

registerEnumType(Disposition, {
  name: 'Disposition',
  description: 'What a browser is asked to do with content.',
  valuesConfig: {
    INLINE: { description: 'Show it, where its type is safe to show.' },
    ATTACHMENT: { description: 'Save it as a file.' },
  },
})
