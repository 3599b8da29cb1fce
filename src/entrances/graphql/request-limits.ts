import { Buffer } from 'node:buffer'
import type { GraphQLError } from 'graphql'
import Upload from 'graphql-upload/Upload.mjs'
import { LIMITS, tooLarge } from './limits.ts'

/** What a client sends to have an operation executed, at whichever door. */
export interface OperationRequest {
  readonly query?: string | null
  readonly operationName?: string | null
  readonly variables?: Readonly<Record<string, unknown>> | null
}

/**
 * What of a request is too large before anything of it is parsed: text, name or variables; null when nothing is. The time it
 * takes is bounded by the limits, not by the request.
 */
export function requestTooLarge({ query, operationName, variables }: OperationRequest): GraphQLError | null {
  const bytes = query ? Buffer.byteLength(query) : 0
  if (bytes > LIMITS.documentBytes) return tooLarge('documentBytes', bytes)
  if (operationName && operationName.length > LIMITS.operationName)
    return tooLarge('operationName', operationName.length)
  return variables ? variablesTooLarge(variables) : null
}

function variablesTooLarge(variables: object): GraphQLError | null {
  const counts = { variableBytes: 0, variableValues: 0, variableDepth: 0 }
  /** Goes on until a limit is passed; true when one is. */
  const passes = (value: unknown, depth: number): boolean => {
    counts.variableValues++
    if (typeof value === 'string') counts.variableBytes += Buffer.byteLength(value)
    // A file of a multipart request stands here as an object of the parser's; nothing else is no JSON.
    else if (typeof value === 'object' && value !== null && !(value instanceof Upload)) {
      counts.variableDepth = Math.max(counts.variableDepth, depth)
      if (counts.variableDepth > LIMITS.variableDepth) return true
      if (Array.isArray(value)) return value.some(item => passes(item, depth + 1))
      for (const [name, item] of Object.entries(value)) {
        counts.variableBytes += Buffer.byteLength(name)
        if (passes(item, depth + 1)) return true
      }
    }
    return beyond(counts) !== undefined
  }
  // The object of all variables is no value of one.
  counts.variableValues--
  if (!passes(variables, 0)) return null
  const what = beyond(counts)
  return what ? tooLarge(what, counts[what]) : null
}

const beyond = (counts: Readonly<Record<'variableBytes' | 'variableValues' | 'variableDepth', number>>) =>
  (['variableDepth', 'variableValues', 'variableBytes'] as const).find(what => counts[what] > LIMITS[what])
