import { type ASTVisitor, type DocumentNode, GraphQLError, type ValidationContext } from 'graphql'
import { type Measure, measureDocument } from './document-measure.ts'
import { operationErrors } from './operation.errors.ts'

/** Bounds of one operation. Nothing is exempt by its name, introspection neither: its standard query fits. */
export const LIMITS = {
  /** The text of the document in UTF-8. */
  documentBytes: 131_072,
  /** Names, braces and literals of the whole document; checked while it is parsed. */
  tokens: 2_000,
  /** Operations of one document, of which one is executed. */
  operations: 20,
  /** Fields below each other. */
  depth: 17,
  /** Aliases, fragments counted as often as they are spread. */
  aliases: 50,
  /** Fields of the root type. */
  rootFields: 20,
  /** All fields, fragments counted as often as they are spread. */
  fields: 1_000,
  /** Fields that stand beside another one of the same name in the answer. */
  duplicates: 150,
  /** Fragments of one document. */
  fragments: 100,
  /** Spreads, those of a fragment counted as often as it is spread. */
  spreads: 1_000,
  /** Directives of the whole document. */
  directives: 50,
  /** Directives at one place. */
  directivesAtOnePlace: 5,
  /** What the operation may cost, the sizes of lists multiplied. */
  cost: 10_000,
  /** Characters of the name of the operation. */
  operationName: 256,
  /** Names and texts of the variables in UTF-8. */
  variableBytes: 262_144,
  /** Values of the variables, those in lists and objects included. */
  variableValues: 10_000,
  /** Lists and objects within each other; metadata may be 100 deep. */
  variableDepth: 120,
} as const

/** That something is beyond its limit, as GraphQL says it; `extensions.details` has both numbers. */
export function tooLarge(what: keyof typeof LIMITS, actual: number, document?: Measure['nodes'][number]) {
  const limit = LIMITS[what]
  const message = `The operation has ${what} ${actual}; the limit is ${limit}.`
  return new GraphQLError(message, {
    nodes: document,
    originalError: operationErrors.OPERATION_TOO_LARGE(message, { details: { limit, actual } }),
  })
}

/**
 * Validation rule: refuses a document that is larger than the limits. It measures before any rule has looked at a node, in
 * time linear in the document, and takes the definitions of what it refuses out of it: some of the other rules compare all
 * pairs of fields, and would take many times as long for what is refused anyway.
 */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const document = context.getDocument()
  for (const { nodes, counts } of measureDocument(document)) {
    const beyond = (Object.keys(counts) as (keyof typeof LIMITS)[]).filter(
      what => (counts[what] ?? 0) > LIMITS[what],
    )
    if (beyond.length === 0) continue
    // The first definition that is too large will do: more errors than graphql-js collects would end it here.
    for (const what of beyond) context.reportError(tooLarge(what, counts[what] ?? 0, nodes[0]))
    Object.assign(document, { definitions: [] satisfies DocumentNode['definitions'] })
    break
  }
  return {}
}
