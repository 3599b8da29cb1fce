import { commonErrors, defineErrors } from '../errors.ts'

export const idempotencyErrors = defineErrors({
  IDEMPOTENCY_KEY_INVALID: {
    status: 422,
    meaning: 'An idempotency key is not 1 to 255 printable ASCII characters.',
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    meaning: 'The idempotency key was used for another request within the last 24 hours. Nothing was made.',
  },
  IDEMPOTENCY_RESULT_GONE: {
    status: 404,
    meaning: 'What was made under the idempotency key is not there any more. Nothing was made again.',
  },
})

const FIELD = ['input', 'idempotencyKey']

export const invalidKey = () =>
  idempotencyErrors.IDEMPOTENCY_KEY_INVALID('An idempotency key has 1 to 255 printable ASCII characters.', {
    field: FIELD,
  })

export const keyConflict = () =>
  idempotencyErrors.IDEMPOTENCY_CONFLICT(
    'This idempotency key was used for another request. Take a new key for each new request.',
    { field: FIELD },
  )

export const resultGone = () =>
  idempotencyErrors.IDEMPOTENCY_RESULT_GONE(
    'This request was carried out before, and what it made is deleted, or not for you to see. Take a new key to make it anew.',
    { field: FIELD },
  )

/** A key that is given twice leaves open which one counts. */
export const twoKeys = () =>
  commonErrors.BAD_REQUEST(
    'The request has two idempotency keys. Send one: in the input, in the header, or in each item.',
    { field: FIELD },
  )

export const badHeader = (why: string) => commonErrors.BAD_REQUEST(`The header Idempotency-Key ${why}.`)
