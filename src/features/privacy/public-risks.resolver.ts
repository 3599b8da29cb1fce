import { Extensions, FieldResolver, Resolver, Root, registerEnumType } from 'type-graphql'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import { PublicRisk, publicRisks } from './public-risk.ts'

registerEnumType(PublicRisk, {
  name: 'PublicRisk',
  description: 'What a file tells about people beside what it shows.',
  valuesConfig: {
    GEOLOCATION: { description: 'Where it was made.' },
    DEVICE: { description: 'With which device, lens or program it was made.' },
    PERSON: { description: 'The name of who made it: an artist, an author.' },
  },
})

@Resolver(() => MediaType)
export class PublicRisksResolver {
  constructor(private readonly deps: { readonly strips: (accountId: string) => boolean }) {}

  @Extensions({ columns: ['facts', 'accountId'] })
  @FieldResolver(() => [PublicRisk], {
    description:
      'What everybody would learn from the present file if the media were public: ask before you make it so. Empty while nobody has looked into the file; what the operator lets nobody see (STRIP_ON_PUBLIC) is not among it.',
  })
  publicRisks(@Root() media: MediaRow): PublicRisk[] {
    const { facts = null, accountId = '' } = media
    return publicRisks(facts, this.deps.strips(accountId))
  }
}
