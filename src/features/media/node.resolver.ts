import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql'
import { commonErrors } from '../../platform/errors.ts'
import { NodeInterface, type NodeSource } from '../../platform/graphql/node.ts'
import { selectedColumns } from '../../platform/graphql/selection.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaContext } from './media.resolver.ts'
import type { Columns, MediaService } from './media.service.ts'

/** Ids of one `nodes` query. */
const MAX_IDS = 100

/** Relay's object identification. A media's id is its UUID itself; other nodes carry a prefix. */
@Resolver(() => NodeInterface)
export class NodeResolver {
  constructor(
    private readonly deps: {
      readonly media: Pick<MediaService, 'getMany'>
      readonly others: readonly NodeSource<Viewer>[]
    },
  ) {}

  @Query(() => NodeInterface, {
    nullable: true,
    description: 'Whatever has this id; null when you may not see it.',
  })
  async node(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() { viewer }: MediaContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return (await this.#load(viewer, [id], info))[0]
  }

  @Query(() => [NodeInterface], {
    nullable: 'items',
    description:
      'Whatever has these ids, in their order; null in the place of what you may not see. At most 100.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: 'Global ids, at most 100.' }) ids: string[],
    @Ctx() { viewer }: MediaContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    if (ids.length > MAX_IDS)
      throw commonErrors.BAD_REQUEST(`nodes takes at most ${MAX_IDS} ids.`, { field: ['ids'] })
    return this.#load(viewer, ids, info)
  }

  /** One query for each type that the ids name; `__typename` is how GraphQL tells which type a Node is. */
  async #load(viewer: Viewer, ids: readonly string[], info: GraphQLResolveInfo) {
    const { media, others } = this.deps
    const columns = selectedColumns(info, 'Media') as Columns
    const found = new Map<string, object>()
    for (const [id, row] of await media.getMany(viewer, ids, columns))
      found.set(id, { ...row, __typename: 'Media' })
    for (const source of others) {
      const theirs = ids.filter(id => id.startsWith(source.prefix))
      if (theirs.length === 0) continue
      for (const [id, row] of await source.getMany(viewer, theirs))
        found.set(id, { ...row, __typename: source.typeName })
    }
    return ids.map(id => found.get(id) ?? null)
  }
}
