import busboy, { type Busboy } from 'busboy'
import type { FastifyRequest } from 'fastify'
import { commonErrors } from '../../../platform/errors.ts'
import { httpErrors } from '../../http/render-error.ts'
import { Fields } from './given.ts'

/** Characters that the fields of a form have at most, all together. */
export const MOST_OF_FIELDS = 2 ** 20

/** Fields that a form has at most, empty ones counted. */
export const MOST_FIELDS = 100

const LIMITS = {
  fieldSize: MOST_OF_FIELDS,
  fieldNameSize: 200,
  fields: MOST_FIELDS,
  files: 10,
  headerPairs: 100,
}

export const isMultipart = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')

/** A form that is parsed as it comes (RFC 7578). Fields that come twice are a list. */
export interface ParsedForm {
  readonly parser: Busboy
  /** What has come so far. */
  readonly fields: Fields
}

/** Throws BAD_REQUEST for a form whose header names no boundary; what breaks a limit destroys the parser. */
export function parseForm({ headers }: Pick<FastifyRequest, 'headers'>): ParsedForm {
  const fields = new Fields()
  const parser = openParser(headers)
  let length = 0
  const refuse = (why: string) => parser.destroy(httpErrors.PAYLOAD_TOO_LARGE(why))
  parser.on('field', (name, value, { valueTruncated, nameTruncated }) => {
    length += value.length
    if (valueTruncated || nameTruncated || length > MOST_OF_FIELDS)
      refuse(`The fields of a form have at most ${MOST_OF_FIELDS} bytes, a name ${LIMITS.fieldNameSize}.`)
    fields.add(name, value)
  })
  parser.on('fieldsLimit', () => parser.destroy(tooManyFields()))
  parser.on('filesLimit', () => refuse(`A form has at most ${LIMITS.files} files.`))
  return { parser, fields }
}

export const tooManyFields = () => httpErrors.PAYLOAD_TOO_LARGE(`A form has at most ${MOST_FIELDS} fields.`)

/** What a form could not be read for: the client's to mend, unless it is known for something else. */
export function formError(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException
  if ('publicMessage' in error || code === 'ECONNRESET') return error
  return malformed(error)
}

const malformed = (cause: unknown) =>
  commonErrors.BAD_REQUEST(`The form cannot be read: ${(cause as Error).message}`, { cause })

function openParser(headers: FastifyRequest['headers']): Busboy {
  try {
    return busboy({ headers, limits: LIMITS, defParamCharset: 'utf8' })
  } catch (error) {
    throw malformed(error)
  }
}
