/** One kind of value that an operation takes: how it is checked, how it reads in a recipe, and back. */
export interface ValueKind<T> {
  /** What GraphQL calls it. */
  readonly shape: 'integer' | 'decimal' | 'choice' | 'flag' | 'colour' | 'point' | 'region'
  /** What is allowed, to complete "width takes …". */
  readonly allowed: string
  /** Of a choice: the words that there are, with what they mean. */
  readonly choices?: Readonly<Record<string, string>>
  /** The value as it is kept; undefined for one that is not allowed. */
  accept(value: unknown): T | undefined
  /** One part of a recipe: lower-case letters, digits, `.` and `_`. */
  print(value: T): string
  /** What `print` gave; undefined for anything else. */
  parse(part: string): T | undefined
}

const DIGITS = 4

/** Kept to four decimals, so that a value has one spelling. */
const rounded = (value: number): number => Number(value.toFixed(DIGITS))
const decimalPattern = '\\d+(?:\\.\\d+)?'

interface Bounds {
  readonly min: number
  readonly max: number
}

const within = (value: unknown, { min, max }: Bounds): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max

export function integer(prefix: string, bounds: Bounds): ValueKind<number> {
  const pattern = new RegExp(`^${prefix}(\\d{1,6})$`)
  const accept = (value: unknown) => (within(value, bounds) && Number.isInteger(value) ? value : undefined)
  return {
    shape: 'integer',
    allowed: `a whole number from ${bounds.min} to ${bounds.max}`,
    accept,
    print: value => `${prefix}${value}`,
    parse: part => accept(numberIn(pattern, part)),
  }
}

export function decimal(prefix: string, bounds: Bounds): ValueKind<number> {
  const pattern = new RegExp(`^${prefix}(${decimalPattern})$`)
  const accept = (value: unknown) => (within(value, bounds) ? rounded(value) : undefined)
  return {
    shape: 'decimal',
    allowed: `a number from ${bounds.min} to ${bounds.max}`,
    accept,
    print: value => `${prefix}${value}`,
    parse: part => accept(numberIn(pattern, part)),
  }
}

/** One of some numbers. */
export function oneOf<const T extends readonly number[]>(prefix: string, numbers: T): ValueKind<T[number]> {
  const accept = (value: unknown) => numbers.find(known => known === value)
  return {
    shape: 'integer',
    allowed: `one of ${numbers.join(', ')}`,
    accept,
    print: value => `${prefix}${value}`,
    parse: part => accept(numberIn(new RegExp(`^${prefix}(\\d{1,6})$`), part)),
  }
}

/** Words of ours; in a recipe they stand in lower case and without underscores. */
export function choice<const T extends Readonly<Record<string, string>>>(
  prefix: string,
  choices: T,
): ValueKind<keyof T & string> {
  const words = Object.keys(choices) as (keyof T & string)[]
  const print = (word: keyof T & string) => prefix + word.toLowerCase().replaceAll('_', '')
  return {
    shape: 'choice',
    allowed: `one of ${words.join(', ')}`,
    choices,
    accept: value => words.find(word => word === value),
    print,
    parse: part => words.find(word => print(word) === part),
  }
}

export function flag(word: string): ValueKind<true> {
  return {
    shape: 'flag',
    allowed: 'true or false',
    accept: value => (value === true ? true : undefined),
    print: () => word,
    parse: part => (part === word ? true : undefined),
  }
}

/** An opaque colour, as `rrggbb`. */
export function colour(prefix: string): ValueKind<string> {
  return {
    shape: 'colour',
    allowed: 'a colour such as #ffffff or #fff',
    accept(value) {
      const [, digits] = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(typeof value === 'string' ? value : '') ?? []
      const whole = digits?.length === 3 ? [...digits].map(digit => digit + digit).join('') : digits
      return whole?.toLowerCase()
    },
    print: value => prefix + value,
    parse: part => new RegExp(`^${prefix}([0-9a-f]{6})$`).exec(part)?.[1],
  }
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A place in a picture, as parts of its width and height. */
export function point(prefix: string): ValueKind<Point> {
  const accept = (value: unknown): Point | undefined => {
    const { x, y } = Object(value) as Record<string, unknown>
    return isPart(x) && isPart(y) ? { x: rounded(x), y: rounded(y) } : undefined
  }
  return {
    shape: 'point',
    allowed: 'x and y from 0 to 1, as parts of width and height',
    accept,
    print: ({ x, y }) => `${prefix}${x}_${y}`,
    parse(part) {
      const [x, y] = numbersIn(prefix, part, 2)
      return accept({ x, y })
    },
  }
}

export interface Region extends Point {
  readonly width: number
  readonly height: number
}

/** A part of a picture, as parts of its width and height. */
export function region(prefix: string): ValueKind<Region> {
  const accept = (value: unknown): Region | undefined => {
    const { x, y, width, height } = Object(value) as Record<string, unknown>
    if (!isPart(x) || !isPart(y) || !isPart(width) || !isPart(height)) return undefined
    const given = { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) }
    const isThere = given.width > 0 && given.height > 0
    // Parts such as 0.1 and 0.9 are not exact in binary.
    const isInside = given.x + given.width <= 1 + 1e-9 && given.y + given.height <= 1 + 1e-9
    return isThere && isInside ? given : undefined
  }
  return {
    shape: 'region',
    allowed: 'x, y, width and height from 0 to 1, as parts of the picture, that lie within it',
    accept,
    print: ({ x, y, width, height }) => `${prefix}${[x, y, width, height].join('_')}`,
    parse(part) {
      const [x, y, width, height] = numbersIn(prefix, part, 4)
      return accept({ x, y, width, height })
    },
  }
}

const isPart = (value: unknown): value is number => within(value, { min: 0, max: 1 })

function numberIn(pattern: RegExp, part: string): number | undefined {
  const [, digits] = pattern.exec(part) ?? []
  return digits === undefined ? undefined : Number(digits)
}

function numbersIn(prefix: string, part: string, count: number): number[] {
  const pattern = new RegExp(`^${prefix}${Array(count).fill(`(${decimalPattern})`).join('_')}$`)
  return (pattern.exec(part) ?? []).slice(1).map(Number)
}
