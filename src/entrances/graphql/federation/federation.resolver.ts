import { type GraphQLResolveInfo, GraphQLScalarType } from 'graphql'
import { Arg, Ctx, createUnionType, Field, Info, ObjectType, Query, Resolver } from 'type-graphql'
import { accessErrors, noCredential } from '../../../features/access/access.errors.ts'
import type { Viewer } from '../../../features/access/viewer.ts'
import { selectedColumns } from '../../../platform/graphql/selection.ts'
import { ENTITY_TYPES, type EntityName, type EntitySource } from './entity-types.ts'
import { MAX_REPRESENTATIONS, type Reference, readRepresentations } from './representations.ts'

/** Takes every JSON value, so that what is wrong with one is said as all else is: with code and field. */
const Any = new GraphQLScalarType({
  name: '_Any',
  description:
    'A reference of another subgraph to an entity: an object with __typename and the fields of its key.',
})

const Entity = createUnionType({
  name: '_Entity',
  description: 'What other subgraphs may refer to.',
  types: () => Object.values(ENTITY_TYPES),
  resolveType: entity => (entity as { __typename?: string }).__typename,
})

@ObjectType('_Service', { description: 'This subgraph, described for the composition of a federated graph.' })
class Service {
  @Field(() => String, { description: 'The schema with its federation directives.' }) sdl: string
}

/**
 * What makes the gateway a subgraph (Apollo Federation 2, subgraph specification): entities by reference, and the schema with
 * its directives.
 */
@Resolver()
export class FederationResolver {
  /** It takes as long as a start to make, and stays as it is. */
  #sdl: string | undefined

  constructor(
    private readonly deps: {
      readonly sources: Readonly<Record<EntityName, EntitySource<Viewer>>>
      readonly sdl: () => string
      /** Whether the schema is told at all. */
      readonly introspection: boolean
    },
  ) {}

  @Query(() => [Entity], {
    name: '_entities',
    nullable: 'items',
    description: `What is referred to, in that order; null in the place of what you may not see. At most ${MAX_REPRESENTATIONS}.`,
  })
  async entities(
    @Arg('representations', () => [Any], { description: 'References to entities.' })
    representations: unknown[],
    @Ctx() { viewer }: { viewer: Viewer },
    @Info() info: GraphQLResolveInfo,
  ) {
    const references = readRepresentations(representations)
    const found = await this.#load(viewer, references, info)
    return references.map(({ typeName, id }) => found.get(typeName)?.get(id) ?? null)
  }

  @Query(() => Service, { name: '_service', description: 'This subgraph, for the composition of a graph.' })
  service(@Ctx() { viewer }: { viewer: Viewer }): Service {
    if (viewer.kind === 'anonymous') throw noCredential()
    if (!this.deps.introspection)
      throw accessErrors.FORBIDDEN(
        'INTROSPECTION is off. "media-gateway schema --subgraph" prints the schema for composition.',
      )
    this.#sdl ??= this.deps.sdl()
    return { sdl: this.#sdl }
  }

  /** One query for each type that is referred to, whatever the number of references. */
  async #load(viewer: Viewer, references: readonly Reference[], info: GraphQLResolveInfo) {
    const ids = new Map<EntityName, Set<string>>()
    for (const { typeName, id } of references) ids.set(typeName, (ids.get(typeName) ?? new Set()).add(id))
    const found = new Map<EntityName, ReadonlyMap<string, object>>()
    for (const [typeName, wanted] of ids) {
      const columns = selectedColumns(info, typeName)
      const rows = await this.deps.sources[typeName].getMany(viewer, [...wanted], columns)
      // How GraphQL tells which member of the union an entity is.
      for (const row of rows.values()) Object.assign(row, { __typename: typeName })
      found.set(typeName, rows)
    }
    return found
  }
}
