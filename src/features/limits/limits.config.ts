import type { ConfigTable, Parsed } from '../../platform/config.ts'

/** At most `most` within `seconds`. */
export interface Rate {
  readonly most: number
  readonly seconds: number
}

/** Null = not limited. */
export interface RateLimits {
  /** Requests of one credential. */
  readonly key: Rate | null
  /** Requests without a credential, or with one that does not hold, from one address. */
  readonly address: Rate | null
  /** Failed logins from one address. */
  readonly login: Rate | null
}

const DEFAULTS: RateLimits = {
  key: { most: 1000, seconds: 1 },
  address: { most: 100, seconds: 1 },
  login: { most: 10, seconds: 60 },
}
const NONE: RateLimits = { key: null, address: null, login: null }

const PERIODS = { s: 1, m: 60, h: 3600 } as const
const PART = /^(?<name>key|address|login)=(?:off|(?<most>[1-9]\d{0,8})\/(?<period>[smh]))$/

function rateLimits(input: string): Parsed<RateLimits> {
  if (input === 'off') return { value: NONE }
  const rates = new Map<string, Rate | null>()
  for (const part of input.split(',')) {
    const { name, most, period } = PART.exec(part.trim())?.groups ?? {}
    if (!name || rates.has(name)) {
      return {
        allowed: 'off, or some of key=1000/s,address=100/s,login=10/m; a rate is off or a count a s, m or h',
      }
    }
    rates.set(name, most ? { most: Number(most), seconds: PERIODS[period as keyof typeof PERIODS] } : null)
  }
  return { value: { ...DEFAULTS, ...Object.fromEntries(rates) } }
}

export const limitsConfig = {
  RATE_LIMIT: {
    default: DEFAULTS,
    defaultText: '`key=1000/s,address=100/s,login=10/m`',
    about:
      'Requests of one credential, requests from one address without one, and failed logins from one address; what is not named keeps its default, `off` in a trusted network. Requests are counted by each node, failed logins by all together.',
    parse: rateLimits,
  },
} satisfies ConfigTable
