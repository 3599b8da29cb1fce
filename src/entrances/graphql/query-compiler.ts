import { type GraphQLRequestContext, HeaderMap } from '@apollo/server'
import {
  BREAK,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { withoutRecursiveInputs } from './recursive-inputs.ts'

/** Compiled queries that are kept; the one that was not used for longest goes first. */
const KEPT = 100
/** So many more failed runs than good ones show that a query is not for graphql-jit; the good ones of late count up to this. */
const PATIENCE = 10

type Variables = Readonly<Record<string, unknown>>
/** Null where a variable is wrong. */
type Run = (context: unknown, variables: Variables) => Promise<ExecutionResult> | ExecutionResult | null

interface Compiled {
  /** Null for a query that is left to graphql-js for good. */
  run: Run | null
  patience: number
}

/**
 * Whether graphql-jit may compile the operation. Strings of a client must not get into its generated code, where some become
 * code themselves; directives and names that begin with two underscores it treats otherwise than graphql-js.
 */
export function isCompilable(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  let plain = operation.operation === 'query'
  const refuse = () => {
    plain = false
    return BREAK
  }
  visit(document, {
    StringValue: refuse,
    Directive: refuse,
    Name: ({ value }) => (value.startsWith('__') && value !== '__typename' ? refuse() : undefined),
  })
  return plain
}

/**
 * Runs queries that come often as compiled JavaScript. What comes out is what graphql-js gives, or nothing: a run with any
 * error is thrown away and left to graphql-js, which a query, having no effects, allows.
 */
export class QueryCompiler {
  readonly #schema: GraphQLSchema
  readonly #hitsBefore: number
  // The parsed document is the key: Apollo keeps those of late, and gives the same one for the same text.
  readonly #hits = new WeakMap<OperationDefinitionNode, number>()
  readonly #compiled = new Map<OperationDefinitionNode, Compiled>()

  /** @param hitsBefore compiling takes as long as executing some ten times, so a query must come so often before */
  constructor({ schema, hitsBefore }: { schema: GraphQLSchema; hitsBefore: number }) {
    this.#schema = schema
    this.#hitsBefore = hitsBefore
  }

  /** The data, or null when graphql-js shall execute the query. */
  async execute(
    { document, operation }: { document: DocumentNode; operation: OperationDefinitionNode },
    context: unknown,
    variables: Variables | undefined,
  ): Promise<ExecutionResult['data'] | null> {
    const compiled = await this.#compiledOf(document, operation)
    if (!compiled?.run) return null
    const result = await compiled.run(context, variables ?? {})
    if (result === null) return null
    const { data, errors } = result
    const failed = errors !== undefined && errors.length > 0
    compiled.patience = failed ? compiled.patience - 1 : Math.min(compiled.patience + 1, PATIENCE)
    if (compiled.patience <= 0) compiled.run = null
    return failed ? null : (data ?? null)
  }

  async #compiledOf(document: DocumentNode, operation: OperationDefinitionNode): Promise<Compiled | null> {
    const known = this.#compiled.get(operation)
    if (known) {
      this.#compiled.delete(operation)
      this.#keep(operation, known)
      return known
    }
    const hits = (this.#hits.get(operation) ?? 0) + 1
    this.#hits.set(operation, hits)
    if (hits <= this.#hitsBefore) return null
    const run = isCompilable(document, operation) ? await this.#compile(document, operation) : null
    const compiled = { run, patience: PATIENCE }
    this.#keep(operation, compiled)
    return compiled
  }

  async #compile(document: DocumentNode, operation: OperationDefinitionNode): Promise<Compiled['run']> {
    const { compileQuery, isCompiledQuery } = await import('graphql-jit')
    const flattened = withoutRecursiveInputs(this.#schema, document, operation)
    const compiled = compileQuery(this.#schema, flattened.document, operation.name?.value, {
      // Its errors are never shown.
      disablingCapturingStackErrors: true,
    })
    if (!isCompiledQuery(compiled)) return null
    return (context, variables) => {
      const prepared = flattened.prepare(variables)
      return prepared && compiled.query(undefined, context, prepared)
    }
  }

  #keep(operation: OperationDefinitionNode, compiled: Compiled): void {
    this.#compiled.set(operation, compiled)
    const [oldest] = this.#compiled.keys()
    if (oldest && this.#compiled.size > KEPT) this.#compiled.delete(oldest)
  }
}

/** The answer of a compiled query; null where there is none, and graphql-js shall execute it. */
export async function compiledAnswer<C extends object>(
  compiler: QueryCompiler,
  { document, operation, contextValue, request }: GraphQLRequestContext<C>,
) {
  if (!document || !operation) return null
  const data = await compiler.execute({ document, operation }, contextValue, request.variables)
  if (data === null) return null
  const http = { status: undefined, headers: new HeaderMap() }
  return { http, body: { kind: 'single' as const, singleResult: { data } } }
}
