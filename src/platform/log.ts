import { type LoggerOptions, pino, stdSerializers } from 'pino'
import { HIDDEN, SECRET_FIELDS } from './redaction.ts'

let second = Number.NaN
let upToSecond = ''

/** As `Date.prototype.toISOString` of a time of this era, whose second is written once for all lines of it. */
function isoTime(now: number): string {
  const ms = now % 1000
  if (now - ms !== second) {
    second = now - ms
    upToSecond = new Date(second).toISOString().slice(0, -4)
  }
  return `${upToSecond}${String(ms).padStart(3, '0')}Z`
}

/** JSON lines with UTC times. Credentials are never logged: neither headers nor URLs' queries reach a serializer. */
export const LOG_OPTIONS: LoggerOptions = {
  base: null,
  timestamp: () => `,"time":"${isoTime(Date.now())}"`,
  formatters: { level: label => ({ level: label }) },
  redact: {
    paths: SECRET_FIELDS.flatMap(name => [name, `*.${name}`, `headers.${name}`, `*.headers.${name}`]),
    censor: HIDDEN,
  },
  serializers: {
    err: stdSerializers.errWithCause,
    req: ({ method, url }: { method?: string; url?: string }) => ({ method, path: url?.split('?')[0] }),
    res: ({ statusCode }: { statusCode?: number }) => ({ status: statusCode }),
  },
}

/** Lines wait for company this long at the most: a write for each would cost every request a system call. */
const FLUSH_MS = 200
const FLUSH_BYTES = 4096

/** Standard output as a log is written to it; what waits is written when the process exits, too, unless it is killed. */
export const standardOutput = () =>
  pino.destination({ dest: 1, sync: false, minLength: FLUSH_BYTES, periodicFlush: FLUSH_MS })
