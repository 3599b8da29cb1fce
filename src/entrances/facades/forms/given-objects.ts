import { commonErrors } from '../../../platform/errors.ts'
import { Fields, type Given } from './given.ts'

/**
 * The members of the object that one of these names has: as it is in JSON, as JSON in a text, or as fields that are called `name[member]`.
 * An empty text says nothing, null stays null. BAD_REQUEST for anything else, and for members of members among fields.
 */
export function objectIn(given: Given, ...names: string[]): Fields | null | undefined {
  const name = names.find(each => given.has(each))
  if (name === undefined) return membersIn(given, names)
  const value = parsed(given.get(name))
  if (value === undefined || value === null) return value
  if (typeof value === 'object' && !Array.isArray(value)) return Fields.ofJson(value)
  throw commonErrors.BAD_REQUEST(`${name} is an object.`, { field: [name] })
}

function parsed(value: unknown): unknown {
  if (value === '') return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function membersIn(given: Given, names: readonly string[]): Fields | undefined {
  const members = new Fields()
  for (const [field, value] of given) {
    const name = names.find(each => field.startsWith(`${each}[`) && field.endsWith(']'))
    if (name === undefined) continue
    const member = field.slice(name.length + 1, -1)
    if (member === '' || member.includes('[')) {
      throw commonErrors.BAD_REQUEST(`${field} names no member of ${name}; send ${name} as JSON.`, {
        field: [name],
      })
    }
    members.set(member, value)
  }
  return members.size > 0 ? members : undefined
}
