import { registerEnumType } from 'type-graphql'
import type { DuplicatePolicy } from './duplicate-policy.ts'

export const DuplicatePolicyType = {
  KEEP: 'KEEP',
  REFUSE: 'REFUSE',
  RETURN_EXISTING: 'RETURN_EXISTING',
} as const satisfies { readonly [Policy in DuplicatePolicy]: Policy }

registerEnumType(DuplicatePolicyType, {
  name: 'DuplicatePolicy',
  description:
    'What becomes of a file whose content, byte for byte, the account has in a media that you may read; without media:read that is none.',
  valuesConfig: {
    KEEP: { description: 'It becomes another media, whose duplicateOf names the older one.' },
    REFUSE: {
      description: 'It is refused, and a DuplicateContentError names the oldest media that has the content.',
    },
    RETURN_EXISTING: {
      description:
        'The oldest media that has the content is the answer, as it is: nothing that the input says of the file is applied to it.',
    },
  },
})
