import type { LoggerOptions } from 'pino'
import { stdSerializers } from 'pino'

const HIDDEN = '(hidden)'

/** JSON lines with UTC times. Credentials are never logged: neither headers nor URLs' queries reach a serializer. */
export const LOG_OPTIONS: LoggerOptions = {
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: label => ({ level: label }) },
  redact: {
    paths: [
      'authorization',
      'headers.authorization',
      'headers.cookie',
      '*.headers.authorization',
      'password',
      '*.password',
      '*.secret',
    ],
    censor: HIDDEN,
  },
  serializers: {
    err: stdSerializers.errWithCause,
    req: ({ method, url }: { method?: string; url?: string }) => ({ method, path: url?.split('?')[0] }),
    res: ({ statusCode }: { statusCode?: number }) => ({ status: statusCode }),
  },
}
