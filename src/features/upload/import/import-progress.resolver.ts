import { Extensions, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql'
import { BigIntScalar } from '../../../platform/graphql/scalars.ts'
import type { MediaRow } from '../../media/media.row.ts'
import { MediaType } from '../../media/media.type.ts'
import type { ImportProgress, Progress } from './import-progress.ts'

@ObjectType('ImportProgress', { description: 'How far the import of a media has come.' })
export class ImportProgressType implements Progress {
  @Field(() => BigIntScalar, {
    description: 'Bytes that have come in the present attempt, as of a second ago.',
  })
  receivedBytes: number
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Bytes that the server of the URL has announced; null while it has announced none.',
  })
  totalBytes: number | null
  @Field(() => Int, { description: 'How often it was begun; 0 while it waits for its turn.' })
  attempts: number
}

@Resolver(() => MediaType)
export class ImportProgressResolver {
  constructor(private readonly deps: { readonly progress: Pick<ImportProgress, 'of'> }) {}

  @Extensions({ columns: ['id', 'status'] })
  @FieldResolver(() => ImportProgressType, {
    nullable: true,
    description: 'How far its import has come; null unless it is PENDING.',
  })
  async importProgress(@Root() { id, status }: MediaRow): Promise<ImportProgressType | null> {
    return status === 'PENDING' ? this.deps.progress.of(id) : null
  }
}
