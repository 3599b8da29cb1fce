import type { FastifyBaseLogger } from 'fastify'
import type { Bindings, ChildLoggerOptions, Level, LevelWithSilent } from 'pino'

type Line = Parameters<FastifyBaseLogger['info']>

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

  fatal(...line: Line): void {
    this.#write('fatal', line)
  }

  error(...line: Line): void {
    this.#write('error', line)
  }

  warn(...line: Line): void {
    this.#write('warn', line)
  }

  info(...line: Line): void {
    this.#write('info', line)
  }

  debug(...line: Line): void {
    this.#write('debug', line)
  }

  trace(...line: Line): void {
    this.#write('trace', line)
  }

  #write(level: Level, line: Line): void {
    if (this.isLevelEnabled(level)) this.#log[level](...line)
  }

  silent(): void {
    // Says nothing, by its name.
  }
}
