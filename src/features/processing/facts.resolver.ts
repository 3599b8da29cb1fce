import { thumbHashToDataURL } from 'thumbhash'
import { Extensions, FieldResolver, Resolver, Root } from 'type-graphql'
import { JSONObject } from '../../platform/graphql/scalars.ts'
import type { Placeholder } from '../insight/file-facts.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import { FileFactsType, PlaceholderType } from './facts.type.ts'
import type { TechnicalMetadata } from './technical-metadata.ts'

/** What was found out about the content of a media. */
@Resolver(() => MediaType)
export class FactsResolver {
  constructor(private readonly deps: { readonly technical: Pick<TechnicalMetadata, 'of'> }) {}

  @Extensions({ columns: ['facts'] })
  @FieldResolver(() => FileFactsType, {
    nullable: true,
    description: 'What the file itself tells; null until it was looked at.',
  })
  facts(@Root() { facts }: MediaRow): FileFactsType | null {
    return facts ?? null
  }

  @Extensions({ columns: ['id'] })
  @FieldResolver(() => JSONObject, {
    nullable: true,
    description:
      'All that the file tells, by where it stands and as its format names it; for people and for searches, of no fixed form. Null until it was looked at.',
  })
  technicalMetadata(@Root() { id }: MediaRow): Promise<Record<string, unknown> | null> {
    return this.deps.technical.of(id)
  }

  @Extensions({ columns: ['facts'] })
  @FieldResolver(() => PlaceholderType, {
    nullable: true,
    description: 'What to show until the picture is there; null where there is no picture, or none yet.',
  })
  placeholder(@Root() { facts }: MediaRow): Placeholder | null {
    return facts?.placeholder ?? null
  }
}

@Resolver(() => PlaceholderType)
export class PlaceholderResolver {
  @FieldResolver(() => String, {
    description:
      'The same as a picture of 32 pixels, to be set as the source of an image at once; some 4 KB.',
  })
  dataUri(@Root() { thumbhash }: Placeholder): string {
    return thumbHashToDataURL(Buffer.from(thumbhash, 'base64'))
  }
}
