import type { GraphQLResolveInfo } from 'graphql'
import { Ctx, Extensions, FieldResolver, Info, Resolver, Root } from 'type-graphql'
import { selectedColumns } from '../../platform/graphql/selection.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Duplicates } from './duplicates.ts'
import type { MediaRow } from './media.row.ts'
import type { Columns } from './media.service.ts'
import { MediaType } from './media.type.ts'

@Resolver(() => MediaType)
export class DuplicatesResolver {
  constructor(private readonly duplicates: Pick<Duplicates, 'duplicateOf'>) {}

  @Extensions({ columns: ['id'] })
  @FieldResolver(() => MediaType, {
    nullable: true,
    description:
      'The oldest media of the account with the same content, byte for byte, that is older than this one and that you may see; null without one.',
  })
  duplicateOf(
    @Root() { id }: MediaRow,
    @Ctx() { viewer }: { viewer: Viewer },
    @Info() info: GraphQLResolveInfo,
  ): Promise<MediaRow | null> {
    return this.duplicates.duplicateOf(viewer, id, selectedColumns(info, 'Media') as Columns)
  }
}
