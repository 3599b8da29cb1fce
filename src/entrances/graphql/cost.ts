import {
  type ArgumentNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql'
import { fieldCost, type ListSize, type PageSizes } from './cost-table.ts'

type Variables = Readonly<Record<string, unknown>>
/** A number, or how it comes from the variables; what does not depend on them is added up beforehand. */
type Term = number | ((variables: Variables) => number)

const numberOf = (term: Term, variables: Variables): number =>
  typeof term === 'number' ? term : term(variables)

function sum(terms: readonly Term[]): Term {
  let fixed = 0
  const open: ((variables: Variables) => number)[] = []
  for (const term of terms) {
    if (typeof term === 'number') fixed += term
    else open.push(term)
  }
  if (open.length === 0) return fixed
  return variables => open.reduce((total, term) => total + term(variables), fixed)
}

function product(a: Term, b: Term): Term {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  return variables => numberOf(a, variables) * numberOf(b, variables)
}

/**
 * Costs of the operations of one schema: the fields' weights, multiplied by the sizes of the lists that they stand in, nested
 * ones by each other. Every branch of an abstract type counts, and a field with `@skip` as if it were not skipped.
 */
export class OperationCosts {
  readonly #known = new WeakMap<OperationDefinitionNode, Term>()

  constructor(private readonly deps: { readonly schema: GraphQLSchema; readonly page: PageSizes }) {}

  /** The cost of an operation of a valid document within the limits; computed once but for what the variables say. */
  of(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables = {}): number {
    let term = this.#known.get(operation)
    if (term === undefined) {
      const root = this.deps.schema.getRootType(operation.operation)
      term = root ? new Compilation(this.deps, document, operation).of(operation, root) : 0
      this.#known.set(operation, term)
    }
    return numberOf(term, variables)
  }
}

type Sized = { readonly fields: readonly string[]; readonly size: Term } | null

class Compilation {
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  /** What a variable is when the request does not give it. */
  readonly #defaults: Variables

  constructor(
    private readonly deps: { readonly schema: GraphQLSchema; readonly page: PageSizes },
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ) {
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node)
    }
    this.#defaults = Object.fromEntries(
      (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
        variable.name.value,
        defaultValue,
      ]),
    )
  }

  of(
    { selectionSet }: Pick<OperationDefinitionNode, 'selectionSet'>,
    type: GraphQLNamedType,
    sized: Sized = null,
  ): Term {
    return sum(selectionSet.selections.map(selection => this.#selection(selection, type, sized)))
  }

  #selection(selection: SelectionNode, type: GraphQLNamedType, sized: Sized): Term {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = this.#fragments.get(selection.name.value)
      return fragment ? this.of(fragment, this.#typeOf(fragment, type), sized) : 0
    }
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return this.of(selection, this.#typeOf(selection, type), sized)
    const { name, selectionSet, arguments: given = [] } = selection
    const field = this.#field(type, name.value)
    if (!field) return 0
    const { weight, listSize } = fieldCost(type, field, this.deps.page)
    const size: Term = listSize ? this.#size(listSize, given) : 1
    const each = sized?.fields.includes(name.value) ? sized.size : listSize?.sizedFields ? 1 : size
    const inner = listSize?.sizedFields ? { fields: listSize.sizedFields, size } : null
    const below = selectionSet ? this.of({ selectionSet }, getNamedType(field.type), inner) : 0
    return product(each, sum([weight, below]))
  }

  #typeOf({ typeCondition }: { readonly typeCondition?: NamedTypeNode }, type: GraphQLNamedType) {
    return (typeCondition && this.deps.schema.getType(typeCondition.name.value)) || type
  }

  #field(type: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (type === this.deps.schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
    }
    return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
  }

  #size({ assumedSize, slicingArguments, lengthOf }: ListSize, given: readonly ArgumentNode[]): Term {
    if (lengthOf) {
      const [argument, ...path] = lengthOf
      const node = given.find(({ name }) => name.value === argument)
      return node ? this.#length(node.value, path, assumedSize) : assumedSize
    }
    const asked = given.filter(({ name }) => slicingArguments?.includes(name.value))
    if (asked.length === 0) return assumedSize
    const items = asked.map(({ value }) => this.#pageSize(value))
    const largest = (variables: Variables) => Math.max(...items.map(item => numberOf(item, variables)))
    return items.every(item => typeof item === 'number') ? largest({}) : largest
  }

  /** No page is larger than the largest: what asks for more is refused, in better words, when it is executed. */
  #pageSize(value: ValueNode): Term {
    const { default: usual, max } = this.deps.page
    const size = (asked: unknown) => (typeof asked === 'number' && asked >= 0 ? Math.min(asked, max) : usual)
    return this.#from(value, size)
  }

  #length(value: ValueNode, path: readonly string[], assumed: number): Term {
    const [key, ...rest] = path
    if (key !== undefined && value.kind === Kind.OBJECT) {
      const inner = value.fields.find(({ name }) => name.value === key)
      return inner ? this.#length(inner.value, rest, assumed) : assumed
    }
    if (value.kind === Kind.LIST) return value.values.length
    return this.#from(value, found => {
      const list = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], found)
      // A value where a list should be is a list of one.
      return Array.isArray(list) ? list.length : list === undefined || list === null ? assumed : 1
    })
  }

  /** What comes of a value: at once of a literal, later of a variable. */
  #from(value: ValueNode, read: (found: unknown) => number): Term {
    if (value.kind !== Kind.VARIABLE) return read(literal(value))
    const name = value.name.value
    const otherwise = read(literal(this.#defaults[name] as ValueNode | undefined))
    return variables => (variables[name] === undefined ? otherwise : read(variables[name] ?? undefined))
  }
}

/** As much of a literal as sizes are made of. */
function literal(value: ValueNode | undefined): unknown {
  if (value?.kind === Kind.INT) return Number(value.value)
  if (value?.kind === Kind.LIST) return value.values.map(literal)
  if (value?.kind === Kind.OBJECT)
    return Object.fromEntries(value.fields.map(field => [field.name.value, literal(field.value)]))
  return undefined
}
