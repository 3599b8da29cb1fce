import { parseSync } from '@swc/core'

interface AstNode {
  readonly type: string
  readonly params?: readonly AstNode[]
  readonly span?: { readonly start: number }
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
])

/** How many parameters each function of a file takes, largest first. Parameters that decorators fill do not count. */
export function parameterCounts(source: string): number[] {
  const counts: number[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const child of value) visit(child)
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return
    const node = value as AstNode & { function?: AstNode }
    const params = node.params ?? node.function?.params
    if (FUNCTIONS.has(node.type) && params) counts.push(params.filter(param => !isInjected(param)).length)
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseSync(source, { syntax: 'typescript', decorators: true, target: 'es2022' }))
  return counts.sort((a, b) => b - a)
}

/** Resolver methods take one parameter for each argument of their GraphQL field. */
function isInjected(param: AstNode): boolean {
  return 'decorators' in param && Array.isArray(param.decorators) && param.decorators.length > 0
}
