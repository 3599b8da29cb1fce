/** What a client may know beside the message: limits, actual values, names. Never a secret, never a stack. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

export interface ErrorKind {
  /** HTTP status of RFC 9110 (or of the RFC that registers it). */
  readonly status: number
  /** One sentence for the generated table in the docs. */
  readonly meaning: string
}

export interface ErrorOptions {
  /** The input field at fault, as the client wrote it: `['input', 'name']`. */
  readonly field?: readonly string[]
  readonly details?: ErrorDetails
  readonly cause?: unknown
  /** Seconds after which the same request may succeed (RFC 9110, 10.2.3). */
  readonly retryAfter?: number
}

/**
 * The only thing that is thrown on purpose. Its message is written for the client; `cause` is for the log alone.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly field?: readonly string[]
  readonly details?: ErrorDetails
  readonly retryAfter?: number

  readonly code: string
  readonly status: number

  constructor(
    kind: { readonly code: string; readonly status: number },
    readonly publicMessage: string,
    options: ErrorOptions = {},
  ) {
    super(publicMessage, { cause: options.cause })
    this.code = kind.code
    this.status = kind.status
    this.field = options.field
    this.details = options.details
    this.retryAfter = options.retryAfter
  }

  /** The same error, with the path of the field at fault as it is where the request was made. */
  about(field: readonly string[]): AppError {
    const { publicMessage, details, retryAfter, cause } = this
    return new AppError(this, publicMessage, { field, details, retryAfter, cause })
  }
}

/** The error as one that was thrown on purpose; throws any other on. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  throw error
}

export type ErrorTable = Readonly<Record<string, ErrorKind>>
export type ErrorMakers<T extends ErrorTable> = {
  readonly [Code in keyof T]: (message: string, options?: ErrorOptions) => AppError
}

const registered = new Map<string, ErrorKind>()

/**
 * Declares a part's error codes; gives one constructor a code. A code belongs to one part: a second declaration throws.
 */
export function defineErrors<const T extends ErrorTable>(table: T): ErrorMakers<T> {
  const makers: Record<string, (message: string, options?: ErrorOptions) => AppError> = {}
  for (const [code, kind] of Object.entries(table)) {
    if (registered.has(code)) throw new Error(`error code ${code} is declared twice`)
    registered.set(code, kind)
    makers[code] = (message, options) => new AppError({ code, status: kind.status }, message, options)
  }
  return makers as ErrorMakers<T>
}

/** Every declared code with its status and meaning, sorted: the source of the table in the docs. */
export function errorCodes(): ReadonlyArray<readonly [code: string, kind: ErrorKind]> {
  return [...registered].sort(([a], [b]) => a.localeCompare(b))
}

/** The errors that every part may need. */
export const commonErrors = defineErrors({
  BAD_REQUEST: {
    status: 400,
    meaning: 'The request is malformed or an argument has a value that is not allowed.',
  },
  NOT_FOUND: { status: 404, meaning: 'There is nothing of that id or name that you may see.' },
  SERVICE_UNAVAILABLE: {
    status: 503,
    meaning: 'A part that is needed does not answer; try again after Retry-After.',
  },
  TIMEOUT: {
    status: 503,
    meaning: 'The operation took too long and was given up; its statements were cancelled.',
  },
  INTERNAL: { status: 500, meaning: 'A fault of the gateway. The request id finds it in the logs.' },
})
