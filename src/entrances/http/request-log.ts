import type { FastifyBaseLogger } from 'fastify'
import type { Bindings, ChildLoggerOptions, LevelWithSilent } from 'pino'

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/**
 * The log of one request: lines that name it. Most requests log nothing by it, and its making costs more than many of them say: it is
 * made for the first line that is written.
 */
export class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: Bindings
  readonly #options: ChildLoggerOptions
  #made: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: Bindings, options: ChildLoggerOptions) {
    this.#parent = parent
    this.#bindings = bindings
    this.#options = options
  }

  get level(): LevelWithSilent | string {
    return this.#log.level
  }

  set level(level: LevelWithSilent | string) {
    this.#log.level = level
  }

  child(bindings: Bindings, options?: ChildLoggerOptions): FastifyBaseLogger {
    return this.#log.child(bindings, options)
  }

  isLevelEnabled(level: string): boolean {
    return (this.#parent as FastifyBaseLogger & { isLevelEnabled(level: string): boolean }).isLevelEnabled(
      level,
    )
  }

  get #log(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#bindings, this.#options)
    return this.#made
  }

  static {
    for (const level of LEVELS) {
      Object.defineProperty(RequestLog.prototype, level, {
        value(this: RequestLog, ...line: Parameters<FastifyBaseLogger['info']>) {
          if (this.isLevelEnabled(level)) this.#log[level](...line)
        },
      })
    }
  }

  silent(): void {
    // Says nothing, by its name.
  }
}
