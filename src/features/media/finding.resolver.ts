import type { GraphQLResolveInfo } from 'graphql'
import { Args, ArgsType, Ctx, Field, Info, Int, ObjectType, Query, Resolver } from 'type-graphql'
import { type Connection, connectionOf } from '../../platform/graphql/connection.ts'
import { selectedColumns } from '../../platform/graphql/selection.ts'
import type { Viewer } from '../access/viewer.ts'
import { DEFAULT_VALUES, type Facets, type MediaFacets, MOST_VALUES } from './facets.ts'
import { MediaFacetsType } from './facets.type.ts'
import { MediaFilterInput } from './filter.inputs.ts'
import type { TagRow, Tags } from './tags.ts'

@ObjectType('Tag', { simpleResolvers: true, description: 'A word that media are marked with.' })
export class TagType {
  @Field(() => String, { description: 'The tag, letter by letter.' }) name: string
  @Field(() => Int, { description: 'How many of the media that you may see have it.' }) mediaCount: number
}

export const { ConnectionType: TagConnection, ConnectionResolver: TagConnectionResolver } = connectionOf(
  'Tag',
  TagType,
)

@ArgsType()
export class TagsArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start, or after a cursor: 0 to 100.' })
  first?: number | null
  @Field(() => String, { nullable: true, description: 'Cursor of this list: go on behind it.' })
  after?: string | null
  @Field(() => String, { nullable: true, description: 'How they begin, letter by letter.' })
  prefix?: string | null
}

@ArgsType()
export class FacetsArgs {
  @Field(() => MediaFilterInput, { nullable: true, description: 'Which media; all of them without it.' })
  filter?: MediaFilterInput | null
  @Field(() => Int, {
    defaultValue: DEFAULT_VALUES,
    description: `How many values of each facet, those that occur most: 1 to ${MOST_VALUES}.`,
  })
  top: number
}

@Resolver()
export class FindingResolver {
  constructor(
    private readonly deps: {
      readonly tags: Pick<Tags, 'list'>
      readonly facets: Pick<Facets, 'count'>
    },
  ) {}

  @Query(() => TagConnection, { description: 'The tags of the media that you may see, by code point.' })
  tags(
    @Args(() => TagsArgs) { prefix, ...page }: TagsArgs,
    @Ctx() { viewer }: { viewer: Viewer },
  ): Promise<Connection<TagRow>> {
    return this.deps.tags.list(viewer, { page, prefix })
  }

  @Query(() => MediaFacetsType, {
    description: 'The media of a filter, counted by what they are. Only what is selected is counted.',
  })
  mediaFacets(
    @Args(() => FacetsArgs) { filter, top }: FacetsArgs,
    @Ctx() { viewer }: { viewer: Viewer },
    @Info() info: GraphQLResolveInfo,
  ): Promise<MediaFacets> {
    return this.deps.facets.count(viewer, { filter, top, facets: selectedColumns(info, 'MediaFacets') })
  }
}
