import { Field, ObjectType } from 'type-graphql'
import { BigIntScalar } from '../../platform/graphql/scalars.ts'

@ObjectType('BytesUsage', { description: 'What an account uses of its store. Sizes are in bytes.' })
export class BytesUsageType {
  @Field(() => BigIntScalar, {
    description:
      'Contents, old versions, what lies in the trash and pictures that were made of it, until their bytes are gone.',
  })
  used: number
  @Field(() => BigIntScalar, { description: 'Held for uploads under way.' }) reserved: number
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Most that `used` and `reserved` may be together; null is any number.',
  })
  limit: number | null
}

@ObjectType('ItemsUsage', { description: 'How many media an account has.' })
export class ItemsUsageType {
  @Field(() => BigIntScalar, { description: 'Media, those in the trash and announced imports included.' })
  used: number
  @Field(() => BigIntScalar, { nullable: true, description: 'Most that there may be; null is any number.' })
  limit: number | null
}

@ObjectType('AccountUsage', { description: 'What an account uses, and what it may.' })
export class AccountUsageType {
  @Field(() => BytesUsageType, { description: 'Of the store.' }) bytes: BytesUsageType
  @Field(() => ItemsUsageType, { description: 'Of media.' }) items: ItemsUsageType
}
