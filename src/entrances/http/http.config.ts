import { isIP } from 'node:net'
import { type ConfigTable, integer, list, oneOf, type Parsed, text } from '../../platform/config.ts'

const ACCESS_LOGS = ['on', 'errors', 'off'] as const
export type AccessLogMode = (typeof ACCESS_LOGS)[number]

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

function origin(input: string): Parsed<string> {
  const url = URL.parse(input)
  const ok = url && /^https?:$/.test(url.protocol) && !url.username && url.search === '' && url.hash === ''
  return ok
    ? { value: input.replace(/\/+$/, '') }
    : { allowed: 'an http or https URL such as https://media.example.org' }
}

function proxies(input: string): Parsed<readonly string[]> {
  const parts = input.split(',').map(part => part.trim())
  const ok = parts.every(
    part => isIP(part.replace(/\/\d{1,3}$/, '')) || /^(loopback|linklocal|uniquelocal)$/.test(part),
  )
  return ok
    ? { value: parts }
    : { allowed: 'addresses or networks parted by commas, such as 10.0.0.0/8, or loopback' }
}

export const httpConfig = {
  HOST: {
    default: '127.0.0.1',
    about: 'Address to listen on; `0.0.0.0` for all of them.',
    parse: text(/^[\w.:-]+$/, 'an address or a host name'),
  },
  PORT: { default: 4000, about: 'Port to listen on; 0 for any free one.', parse: integer(0, 65535) },
  WORKER_PORT: {
    default: undefined as number | undefined,
    defaultText: 'none',
    about:
      'Port at which `worker` answers `/health/live`, `/health/ready` and `/metrics`, on HOST; without it, it listens nowhere.',
    parse: integer(0, 65535),
  },
  PUBLIC_URL: {
    default: undefined as string | undefined,
    defaultText: '`http://HOST:PORT`',
    about: 'Origin (and path prefix) of every URL that is handed out.',
    parse: origin,
  },
  CORS_ORIGINS: {
    default: [] as readonly string[],
    defaultText: 'none',
    about: 'Origins whose browsers may use the API and the content, parted by commas; `*` for any.',
    parse: list(
      /^(\*|https?:\/\/[^\s/]+)$/,
      'origins parted by commas, such as https://app.example.org, or *',
    ),
  },
  TRUST_PROXY: {
    default: [] as readonly string[],
    defaultText: 'none',
    about: 'Proxies whose X-Forwarded-* headers are believed: addresses or networks parted by commas.',
    parse: proxies,
  },
  IDLE_TIMEOUT_SECONDS: {
    default: 60,
    about:
      'A client that stops sending its request or reading its answer for this long is cut off; how long the gateway takes does not count.',
    parse: integer(1, 3600),
  },
  MIN_BYTES_PER_SECOND: {
    default: 1024,
    about:
      'What a client sends or takes at least on average, while it is waited for; a slower one is cut off after IDLE_TIMEOUT_SECONDS or the time that 128 KiB take at this rate, whichever is longer. 0 for any rate.',
    parse: integer(0, 1_000_000_000),
  },
  MAX_CONNECTIONS: {
    default: 10_000,
    about: 'Connections at one time; more are closed as they come.',
    parse: integer(1, 1_000_000),
  },
  MAX_CONNECTIONS_PER_ADDRESS: {
    default: 1_000,
    about:
      'Connections at one time from one address (of IPv6 the /64); more are closed as they come. Those of TRUST_PROXY are not counted.',
    parse: integer(1, 1_000_000),
  },
  METRICS_TOKEN: {
    default: undefined as string | undefined,
    defaultText: 'off',
    about:
      'Opens `/metrics` to who sends it as a bearer token; at least 16 characters. Without it there is no such path.',
    secret: true,
    parse: text(/^[!-~]{16,}$/, 'at least 16 characters of ASCII, without blanks'),
  },
  ACCESS_LOG: {
    default: 'on' as AccessLogMode,
    about:
      'A line for each request that is over: `on`, `off`, or `errors` for those that were refused, failed or cut off. The lines have level `info`.',
    parse: oneOf(...ACCESS_LOGS),
  },
  LOG_LEVEL: {
    default: 'info' as (typeof LEVELS)[number],
    about: `One of ${LEVELS.join(', ')}.`,
    parse: oneOf(...LEVELS),
  },
} satisfies ConfigTable
