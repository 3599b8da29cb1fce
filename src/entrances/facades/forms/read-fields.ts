import { pipeline } from 'node:stream/promises'
import type { FastifyRequest } from 'fastify'
import { commonErrors } from '../../../platform/errors.ts'
import { requestBody } from '../../../platform/lib/request-body.ts'
import { httpErrors } from '../../http/render-error.ts'
import {
  formError,
  isMultipart,
  MOST_FIELDS,
  MOST_OF_FIELDS,
  parseForm,
  tooManyFields,
} from './form-parser.ts'
import { Fields } from './given.ts'

/**
 * What the body of a request says by name, whether it is an object of JSON, a form (RFC 7578) or urlencoded; nothing where there is no
 * body. Rejects with BAD_REQUEST, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE.
 */
export async function readFields(request: FastifyRequest): Promise<Fields> {
  const { 'content-type': type = '', 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (coding === undefined && (length === undefined || length === '0')) return new Fields()
  if (isMultipart(request)) return formFields(request)
  const read = Object.entries(READERS).find(
    ([known]) => type.split(';', 1)[0]?.trim().toLowerCase() === known,
  )
  if (!read) {
    throw httpErrors.UNSUPPORTED_MEDIA_TYPE(
      `Send the fields as ${Object.keys(READERS).join(', ')} or multipart/form-data.`,
    )
  }
  return read[1](await wholeText(request))
}

const READERS: Readonly<Record<string, (body: string) => Fields>> = {
  'application/json': body => {
    const value = parsed(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Fields.ofJson(value)
    throw commonErrors.BAD_REQUEST('The body is an object of JSON.')
  },
  'application/x-www-form-urlencoded': body => {
    // Counted ahead of parsing, and no further than to the limit.
    if (body.split('&', MOST_FIELDS + 1).length > MOST_FIELDS) throw tooManyFields()
    const fields = new Fields()
    for (const [name, value] of new URLSearchParams(body)) fields.add(name, value)
    return fields
  },
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw commonErrors.BAD_REQUEST('The body is not JSON.', { cause })
  }
}

async function formFields(request: FastifyRequest): Promise<Fields> {
  const { parser, fields } = parseForm(request)
  parser.on('file', (_, stream) => {
    stream.on('error', () => undefined)
    parser.destroy(commonErrors.BAD_REQUEST('This form carries no file.'))
  })
  await pipeline(requestBody(request.raw), parser).catch(error => {
    throw brokenOff(error)
  })
  return fields
}

async function wholeText(request: FastifyRequest): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of limited(requestBody(request.raw))) chunks.push(chunk)
  } catch (error) {
    throw brokenOff(error as Error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function* limited(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MOST_OF_FIELDS)
      throw httpErrors.PAYLOAD_TOO_LARGE(`A body without a file has at most ${MOST_OF_FIELDS} bytes.`)
    yield chunk
  }
}

/** Nobody reads the answer to a request that broke off; it is still not ours. */
const brokenOff = (error: Error): Error => {
  const known = formError(error)
  return (known as NodeJS.ErrnoException).code === 'ECONNRESET'
    ? commonErrors.BAD_REQUEST('The request ended before its body did.', { cause: error })
    : known
}
