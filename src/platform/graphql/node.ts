import { Field, ID, InterfaceType } from 'type-graphql'

/** Relay's object identification. Whoever resolves a Node says by `__typename` what it is. */
@InterfaceType('Node', {
  description: 'Anything that can be fetched again by its id.',
  resolveType: (node: { __typename?: string }) => node.__typename,
})
export abstract class NodeInterface {
  @Field(() => ID, { description: 'Global id; opaque.' })
  id: string
}

/** How nodes of one type are found: those whose global id begins with its prefix. */
export interface NodeSource<Viewer> {
  readonly typeName: string
  readonly prefix: string
  /** What the viewer may see of these, by id. */
  getMany(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, object>>
}
