import { Extensions, FieldResolver, Resolver, Root, registerEnumType } from 'type-graphql'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import { PublicRisk, publicRisks } from './public-risk.ts'

registerEnumType(PublicRisk, {
  name: 'PublicRisk',
  description: 'What a file tells about people beside what it shows.',
  valuesConfig: {
    GEOLOCATION: { description: 'Where it was made: a position, a city.' },
    DEVICE: { description: 'With which device, lens or program it was made, down to serial numbers.' },
    PERSON: { description: 'The name of who made it, an artist, an author; or of whose the camera is.' },
  },
})

@Resolver(() => MediaType)
export class PublicRisksResolver {
  constructor(private readonly deps: { readonly strips: (accountId: string) => boolean }) {}

  @Extensions({ columns: ['facts', 'accountId', 'mimeType'] })
  @FieldResolver(() => [PublicRisk], {
    description:
      'What everybody would learn from the present file if the media were public: ask before you make it so. Empty while nobody has looked into the file; what the operator lets nobody see (STRIP_ON_PUBLIC) is not among it.',
  })
  publicRisks(@Root() media: MediaRow): PublicRisk[] {
    const { facts = null, accountId = '', mimeType = '' } = media
    return publicRisks(facts, { mimeType, strips: this.deps.strips(accountId) })
  }
}
