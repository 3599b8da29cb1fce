/** An edge as the cursor specification knows it. */
export interface SpecEdge {
  readonly cursor: string
  readonly node: string
}

export interface SpecArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}

export interface SpecPage {
  readonly edges: readonly SpecEdge[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** The pagination algorithm of the GraphQL Cursor Connections Specification (4.4), step by step, over the whole list. */
export function pageBySpecification(allEdges: readonly SpecEdge[], page: SpecArguments): SpecPage {
  return {
    edges: edgesToReturn(allEdges, page),
    hasPreviousPage: hasPreviousPage(allEdges, page),
    hasNextPage: hasNextPage(allEdges, page),
  }
}

function applyCursorsToEdges(allEdges: readonly SpecEdge[], { before, after }: SpecArguments): SpecEdge[] {
  const edges = [...allEdges]
  if (after != null) {
    const afterEdge = edges.findIndex(edge => edge.cursor === after)
    if (afterEdge >= 0) edges.splice(0, afterEdge + 1)
  }
  if (before != null) {
    const beforeEdge = edges.findIndex(edge => edge.cursor === before)
    if (beforeEdge >= 0) edges.splice(beforeEdge)
  }
  return edges
}

function edgesToReturn(allEdges: readonly SpecEdge[], page: SpecArguments): SpecEdge[] {
  const { first, last } = page
  let edges = applyCursorsToEdges(allEdges, page)
  if (first != null && edges.length > first) edges = edges.slice(0, first)
  if (last != null && edges.length > last) edges = edges.slice(edges.length - last)
  return edges
}

function hasPreviousPage(allEdges: readonly SpecEdge[], page: SpecArguments): boolean {
  const { last, after } = page
  if (last != null) return applyCursorsToEdges(allEdges, page).length > last
  // "If the server can efficiently determine that elements exist prior to after, return true": it can.
  if (after != null) return allEdges.findIndex(edge => edge.cursor === after) >= 0
  return false
}

function hasNextPage(allEdges: readonly SpecEdge[], page: SpecArguments): boolean {
  const { first, before } = page
  if (first != null) return applyCursorsToEdges(allEdges, page).length > first
  if (before != null) return allEdges.findIndex(edge => edge.cursor === before) >= 0
  return false
}
