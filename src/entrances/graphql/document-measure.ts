import {
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql'

/** How large a document, or one definition of it, is. */
export interface Measure {
  /** Where it stands; none for the whole document. */
  readonly nodes: readonly DefinitionNode[]
  readonly counts: Readonly<Record<string, number>>
}

/** A selection set with its fragments unfolded. */
interface Unfolded {
  depth: number
  aliases: number
  fields: number
  rootFields: number
  spreads: number
}

const NOTHING: Readonly<Unfolded> = { depth: 0, aliases: 0, fields: 0, rootFields: 0, spreads: 0 }

/**
 * Measures a document that was parsed and not yet validated. Each fragment is unfolded once, so that a small document that
 * stands for a huge one is measured as fast as it was parsed. Fragments that no operation spreads are measured, too: the rules
 * of validation look at them all the same.
 */
export function measureDocument(document: DocumentNode): Measure[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  const unfold = unfolding(fragments)
  const measures: Measure[] = [
    { nodes: [], counts: { ...written(document), duplicates: duplicates(document, fragments) } },
  ]
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue
    const { rootFields, ...counts } = unfold(node.selectionSet)
    const isOperation = node.kind === Kind.OPERATION_DEFINITION
    measures.push({ nodes: [node], counts: isOperation ? { ...counts, rootFields } : counts })
  }
  return measures
}

/** What is counted as it is written. */
function written(document: DocumentNode) {
  const counts = { operations: 0, fragments: 0, directives: 0, directivesAtOnePlace: 0 }
  visit(document, {
    enter(node) {
      if (node.kind === Kind.OPERATION_DEFINITION) counts.operations++
      if (node.kind === Kind.FRAGMENT_DEFINITION) counts.fragments++
      const { directives = [] } = node as { directives?: readonly DirectiveNode[] }
      counts.directives += directives.length
      counts.directivesAtOnePlace = Math.max(counts.directivesAtOnePlace, directives.length)
    },
  })
  return counts
}

/** Measures selection sets; each fragment once. */
function unfolding(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Unfolded>()
  const open = new Set<string>()

  function spread(name: string): Unfolded {
    const measured = known.get(name)
    if (measured) return measured
    const fragment = fragments.get(name)
    // A cycle has no size, and what is missing has none; validation has rules against both.
    if (!fragment || open.has(name)) return NOTHING
    open.add(name)
    const total = unfold(fragment.selectionSet)
    open.delete(name)
    known.set(name, total)
    return total
  }

  function unfold(set: SelectionSetNode | undefined): Unfolded {
    const total = { ...NOTHING }
    for (const selection of set?.selections ?? []) {
      const field = selection.kind === Kind.FIELD ? 1 : 0
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD
      const inner = isSpread ? spread(selection.name.value) : unfold(selection.selectionSet)
      total.depth = Math.max(total.depth, inner.depth + field)
      total.aliases += inner.aliases + (selection.kind === Kind.FIELD && selection.alias ? 1 : 0)
      total.fields += inner.fields + field
      total.rootFields += field || inner.rootFields
      total.spreads += inner.spreads + (isSpread ? 1 : 0)
    }
    return total
  }

  return unfold
}

/** Fields that share their name in the answer with one before them in the same selection set, over the whole document. */
function duplicates(document: DocumentNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): number {
  let count = 0
  const names = (set: SelectionSetNode, seen: Set<string>, spreads: Set<string>): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value
        if (seen.has(name)) count++
        seen.add(name)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        names(selection.selectionSet, seen, spreads)
      } else if (!spreads.has(selection.name.value)) {
        spreads.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        if (fragment) names(fragment.selectionSet, seen, spreads)
      }
    }
  }
  visit(document, {
    SelectionSet(node, _key, parent) {
      // The selection set of an inline fragment is a part of the one that it stands in.
      const { kind } = parent as { kind?: string }
      if (kind !== Kind.INLINE_FRAGMENT) names(node, new Set(), new Set())
    },
  })
  return count
}
