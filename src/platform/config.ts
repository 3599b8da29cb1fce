/** What a variable is turned into, or one sentence that says what is allowed. */
export type Parsed<T> = { readonly value: T } | { readonly allowed: string }

export interface Variable<T> {
  /** Used when the variable is absent or empty. */
  readonly default: T
  /** How the default reads in the docs, where the value itself would not tell. */
  readonly defaultText?: string
  readonly about: string
  /** Never printed, not even at start-up. */
  readonly secret?: boolean
  /** Text without what may be a secret in it, for who prints the value or says what is wrong with it. */
  readonly conceal?: (text: string) => string
  parse(text: string): Parsed<T>
}

// biome-ignore lint/suspicious/noExplicitAny: a table mixes value types; each key keeps its own in ConfigOf.
export type ConfigTable = Readonly<Record<string, Variable<any>>>
export type ConfigOf<T extends ConfigTable> = {
  readonly [K in keyof T]: T[K] extends Variable<infer V> ? V : never
}
export type Environment = Readonly<Record<string, string | undefined>>

/** Thrown once for the whole environment: names every variable that is wrong, what was seen and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map(line => `  - ${line}`).join('\n')}`)
  }
}

/** Reads the variables of one table; problems are added to the list, so that all of them are reported at once. */
export function readTable<T extends ConfigTable>(
  table: T,
  env: Environment,
  problems: string[],
): ConfigOf<T> {
  const values: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(table)) {
    const text = env[name]?.trim()
    values[name] = variable.default
    if (!text) continue
    const parsed = variable.parse(text)
    if ('value' in parsed) values[name] = parsed.value
    else
      problems.push(`${name} is ${variable.secret ? 'not usable' : shown(variable, text)}: ${parsed.allowed}`)
  }
  return values as ConfigOf<T>
}

/** The values as they may be printed: secrets say only whether they are set. */
export function printable(
  table: ConfigTable,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, variable]) => {
      const value = values[name]
      if (variable.secret && value !== undefined) return [name, '(set)']
      return [name, variable.conceal ? concealed(value, variable.conceal) : value]
    }),
  )
}

const shown = ({ conceal = text => text }: Variable<unknown>, text: string): string =>
  JSON.stringify(conceal(text))

/** Texts, and texts by name; anything else has nothing to conceal. */
function concealed(value: unknown, conceal: (text: string) => string): unknown {
  if (typeof value === 'string') return conceal(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, concealed(each, conceal)]))
}

export const text =
  (check: RegExp, allowed: string) =>
  (input: string): Parsed<string> =>
    check.test(input) ? { value: input } : { allowed }

export const oneOf =
  <const T extends readonly string[]>(...values: T) =>
  (input: string): Parsed<T[number]> =>
    values.includes(input) ? { value: input as T[number] } : { allowed: `one of ${values.join(', ')}` }

export const integer =
  (min: number, max: number) =>
  (input: string): Parsed<number> => {
    const value = Number(input)
    const ok = /^\d+$/.test(input) && value >= min && value <= max
    return ok ? { value } : { allowed: `a whole number from ${min} to ${max}` }
  }

/** `on`/`off`, and what people write instead. */
export const onOff = (input: string): Parsed<boolean> => {
  if (/^(on|true|1|yes)$/i.test(input)) return { value: true }
  if (/^(off|false|0|no)$/i.test(input)) return { value: false }
  return { allowed: 'on or off' }
}

const UNITS = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

/** A size in bytes: `1048576`, `100 MB` (10⁶), `10 GiB` (2³⁰). */
export const bytes = (input: string): Parsed<number> => {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(input)
  const unit = UNITS[(match?.[2] ?? '-').toUpperCase() as keyof typeof UNITS]
  const value = match && unit ? Math.round(Number(match[1]) * unit) : 0
  return Number.isSafeInteger(value) && value > 0
    ? { value }
    : { allowed: 'a size such as 1048576, 100MB or 10GiB' }
}

/** Items parted by commas; blanks around them do not count. */
export const list =
  (item: RegExp, allowed: string) =>
  (input: string): Parsed<readonly string[]> => {
    const items = input
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)
    return items.every(part => item.test(part)) ? { value: items } : { allowed }
  }
