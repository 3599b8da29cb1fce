import { Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql'
import { noCredential } from './access.errors.ts'
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
    if (viewer.kind === 'anonymous') throw noCredential()
    return { account: viewer.accountId, principal: viewer.name, scopes: [...viewer.scopes] }
  }
}
