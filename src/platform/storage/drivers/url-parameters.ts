type Read<T> = (text: string) => T

/** The parameters that a storage URL may have. A reader throws an Error that says what is allowed, without repeating what it saw. */
export type ParameterTable = Readonly<Record<string, Read<unknown>>>

type Parameters<T extends ParameterTable> = { [Name in keyof T]?: ReturnType<T[Name]> }

/** What the query of a URL gives; throws an Error for what is not in the table, what is given twice, and what a reader refuses. */
export function readParameters<T extends ParameterTable>(table: T, query: string): Parameters<T> {
  const read: Record<string, unknown> = {}
  for (const [name, text] of new URLSearchParams(query)) {
    const reader = Object.hasOwn(table, name) ? table[name] : undefined
    if (!reader) throw new Error(`there is no such parameter; allowed are: ${Object.keys(table).join(', ')}`)
    if (Object.hasOwn(read, name)) throw new Error(`${name} is given twice`)
    try {
      read[name] = reader(text)
    } catch (error) {
      throw new Error(`${name} is wrong; allowed is: ${(error as Error).message}`)
    }
  }
  return read as Parameters<T>
}

export function yesOrNo(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error('true or false')
  return text === 'true'
}

export function matching(pattern: RegExp, allowed: string): Read<string> {
  return text => {
    if (!pattern.test(text)) throw new Error(allowed)
    return text
  }
}

export function oneOf<const T extends string>(values: readonly T[]): Read<T> {
  return text => {
    const value = values.find(candidate => candidate === text)
    if (value === undefined) throw new Error(values.join(' or '))
    return value
  }
}
