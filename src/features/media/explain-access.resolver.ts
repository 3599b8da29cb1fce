import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql'
import { ACTIONS, type Action } from '../access/actions.ts'
import { RULES, type Rule } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaService } from './media.service.ts'

type Shouted<T extends string> = Uppercase<T>
/** Enum values are written in capitals, as everywhere in the schema. */
const shout = (names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name.toUpperCase().replaceAll('-', '_'), name]))

/** Actions upon one media; to list and to create are not upon one. */
const OF_ONE = (Object.keys(ACTIONS) as Action[]).filter(action => ACTIONS[action].path.includes('{id}'))
const MediaActionType = shout(OF_ONE) as Record<Shouted<Action>, Action>
const AccessRuleType = shout(Object.keys(RULES)) as Record<string, Rule>

registerEnumType(MediaActionType, {
  name: 'MediaAction',
  description: 'What can be done to a media.',
  valuesConfig: Object.fromEntries(
    OF_ONE.map(action => {
      const { scope, method, path } = ACTIONS[action]
      return [
        action.toUpperCase(),
        { description: `Needs the scope ${scope}; to an ACL it is ${method} ${path}.` },
      ]
    }),
  ),
})

registerEnumType(AccessRuleType, {
  name: 'AccessRule',
  description: 'Why a media may be reached, or may not.',
  valuesConfig: Object.fromEntries(
    Object.entries(RULES).map(([rule, description]) => [
      rule.toUpperCase().replaceAll('-', '_'),
      { description },
    ]),
  ),
})

@ObjectType('AccessExplanation', {
  description: 'Whether your credential may do something to a media, and why.',
})
export class AccessExplanation {
  @Field(() => Boolean, { description: 'Whether it may.' }) allowed: boolean
  @Field(() => AccessRuleType, { description: 'The rule that decided.' }) rule: Rule
  @Field(() => String, { description: 'The rule in words.' }) reason: string
}

@Resolver(() => AccessExplanation)
export class ExplainAccessResolver {
  constructor(private readonly media: MediaService) {}

  @Query(() => AccessExplanation, {
    description:
      'Whether your credential may do this to a media that you may see, and which rule decides it.',
  })
  async explainAccess(
    @Arg('mediaId', () => ID, { description: 'Id of the media.' }) mediaId: string,
    @Arg('action', () => MediaActionType, { description: 'What is to be done.' }) action: Action,
    @Ctx() { viewer }: { viewer: Viewer },
  ): Promise<AccessExplanation> {
    const decision = await this.media.explain(viewer, mediaId, action)
    return { ...decision, reason: RULES[decision.rule] }
  }
}
