import { Arg, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql'
import { BigIntScalar } from '../../platform/graphql/scalars.ts'
import { ViewerType } from '../access/viewer.resolver.ts'
import { MediaKind } from '../media/media.enums.ts'
import type { TypeRules } from '../types/type-rules.ts'

@ObjectType('TypeLimits', { description: 'What holds for files of one type.' })
export class TypeLimits {
  @Field(() => Boolean, { description: 'Whether they are taken at all.' }) accepted: boolean
  @Field(() => BigIntScalar, { description: 'Size of the largest that is taken, in bytes.' })
  maxFileSize: number
  @Field(() => MediaKind, { description: 'What a media of this type is.' }) kind: MediaKind
}

interface Limits {
  readonly maxFileSize: number
  readonly maxFiles: number
  readonly ofType: (mimeType: string) => TypeLimits
}

@ObjectType('UploadLimits', {
  description: 'What uploads may be; quotas and what a single upload asks for come on top.',
})
export class UploadLimits {
  @Field(() => BigIntScalar, { description: 'Size of the largest file of any type, in bytes.' })
  maxFileSize: number
  @Field(() => Int, { description: 'How many files one multipart request may carry.' }) maxFiles: number
}

@Resolver(() => UploadLimits)
export class UploadLimitsTypeResolver {
  @FieldResolver(() => TypeLimits, {
    description:
      'What holds for files whose bytes are of this type; the type that an upload declares does not count.',
  })
  ofType(
    @Root() limits: Limits,
    @Arg('mimeType', () => String, { description: 'A media type, as in "image/png".' }) mimeType: string,
  ): TypeLimits {
    return limits.ofType(mimeType.trim().toLowerCase())
  }
}

@Resolver(() => ViewerType)
export class UploadLimitsResolver {
  constructor(
    private readonly deps: {
      readonly rules: Pick<TypeRules, 'termsOf'>
      readonly maxBytes: number
      readonly maxFiles: number
    },
  ) {}

  @FieldResolver(() => UploadLimits, { description: 'What your uploads may be.' })
  limits(@Root() { account }: ViewerType): Limits {
    const { rules, maxBytes, maxFiles } = this.deps
    return {
      maxFileSize: maxBytes,
      maxFiles,
      ofType: mimeType => {
        const { isTaken, maxSize, kind } = rules.termsOf(account, mimeType)
        return { accepted: isTaken, maxFileSize: maxSize, kind }
      },
    }
  }
}
