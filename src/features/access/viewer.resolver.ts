import { Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql'
import { authenticated } from './policy.ts'
import type { Viewer } from './viewer.ts'

@ObjectType('Viewer', { description: 'Who you are to the gateway.' })
export class ViewerType {
  @Field(() => ID, { description: 'The account that your credential belongs to.' }) account: string
  @Field(() => String, { description: 'Names your credential, never its secret.' }) principal: string
  @Field(() => [String], { description: 'What your credential may do; "*" is everything.' }) scopes: string[]
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType, { description: 'Who you are to the gateway.' })
  viewer(@Ctx() { viewer }: { viewer: Viewer }): ViewerType {
    const { accountId, name, scopes } = authenticated(viewer)
    return { account: accountId, principal: name, scopes: [...scopes] }
  }
}
