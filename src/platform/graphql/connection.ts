import { type ClassType, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql'

/** A page as services make it; what costs a query of its own is asked only when it is selected. */
export interface Connection<Node> {
  readonly edges: readonly Edge<Node>[]
  hasNextPage(): Promise<boolean>
  hasPreviousPage(): Promise<boolean>
  total(): Promise<Total>
}

/** How many items a list has; an estimate where counting them would cost too much. */
export interface Total {
  readonly count: number
  readonly isEstimate: boolean
}

export interface Edge<Node> {
  readonly node: Node
  readonly cursor: string
}

@ObjectType('PageInfo', { description: 'Where a page lies within its list (Relay cursor connections).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follows after this page, when paging forward.' })
  hasNextPage: boolean
  @Field(() => Boolean, { description: 'Whether more lies before this page.' })
  hasPreviousPage: boolean
  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor: string | null
  @Field(() => String, { nullable: true, description: 'Cursor of the last edge.' })
  endCursor: string | null
}

/** The page's answers, each found only when it is asked for. */
@Resolver(() => PageInfo)
export class PageInfoResolver {
  @FieldResolver(() => Boolean)
  hasNextPage(@Root() page: Connection<unknown>): Promise<boolean> {
    return page.hasNextPage()
  }
  @FieldResolver(() => Boolean)
  hasPreviousPage(@Root() page: Connection<unknown>): Promise<boolean> {
    return page.hasPreviousPage()
  }
  @FieldResolver(() => String, { nullable: true })
  startCursor(@Root() page: Connection<unknown>): string | null {
    return page.edges[0]?.cursor ?? null
  }
  @FieldResolver(() => String, { nullable: true })
  endCursor(@Root() page: Connection<unknown>): string | null {
    return page.edges.at(-1)?.cursor ?? null
  }
}

/** The GraphQL types `<name>Connection` and `<name>Edge` of a node type, and the resolver that reads a Connection. */
export function connectionOf<Node extends object>(name: string, node: ClassType<Node>) {
  @ObjectType(`${name}Edge`, { simpleResolvers: true, description: `One ${name} in its list.` })
  class EdgeType {
    @Field(() => node, { description: `The ${name}.` })
    node: Node
    @Field(() => String, {
      description: 'Opaque; goes into after or before of the same list in the same order.',
    })
    cursor: string
  }

  @ObjectType(`${name}Connection`, {
    simpleResolvers: true,
    description: `A page of a list of ${name} (Relay cursor connections).`,
  })
  class ConnectionType {
    @Field(() => [EdgeType], { description: 'The page with cursors.' })
    edges: EdgeType[]
    @Field(() => [node], { description: 'The page without cursors.' })
    nodes: Node[]
    @Field(() => PageInfo, { description: 'Where the page lies.' })
    pageInfo: PageInfo
    @Field(() => Int, {
      description:
        'How many there are in the whole list: exact up to 10 000, an estimate above. Costs nothing unless it is selected.',
    })
    totalCount: number
    @Field(() => Boolean, {
      description: 'Whether totalCount is an estimate; then it is above 10 000, and so is the truth.',
    })
    totalCountIsEstimate: boolean
  }

  @Resolver(() => ConnectionType)
  class ConnectionResolver {
    @FieldResolver(() => [node])
    nodes(@Root() page: Connection<Node>): Node[] {
      return page.edges.map(edge => edge.node)
    }
    @FieldResolver(() => PageInfo)
    pageInfo(@Root() page: Connection<Node>): Connection<Node> {
      return page
    }
    @FieldResolver(() => Int)
    async totalCount(@Root() page: Connection<Node>): Promise<number> {
      return (await page.total()).count
    }
    @FieldResolver(() => Boolean)
    async totalCountIsEstimate(@Root() page: Connection<Node>): Promise<boolean> {
      return (await page.total()).isEstimate
    }
  }

  return { ConnectionType, ConnectionResolver }
}
