import { Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql'
import { tellRefused } from '../audit/attempt.ts'
import { AppError } from '../errors.ts'
import { BigIntScalar } from './scalars.ts'

/** Something that the user can mend: comes back as data, next to the result that it prevented. */
@InterfaceType('UserError', {
  description: 'Something that the user can mend. Concrete types carry the data that belongs to it.',
  resolveType: (error: UserError) => concreteType(error.code),
})
export abstract class UserError {
  @Field(() => String, { description: 'Stable code; the list is in the reference.' })
  code: string
  @Field(() => String, { description: 'What is wrong and what to do, in English.' })
  message: string
  @Field(() => [String], { nullable: true, description: 'Path of the input field at fault.' })
  field: readonly string[] | null
}

@ObjectType('InvalidInputError', {
  implements: UserError,
  description: 'An argument has a value that is not allowed.',
})
export class InvalidInputError extends UserError {}

@ObjectType('NotFoundError', {
  implements: UserError,
  description: 'There is nothing of that id that you may see.',
})
export class NotFoundError extends UserError {}

@ObjectType('ConflictError', {
  implements: UserError,
  description: 'The request does not fit the present state.',
})
export class ConflictError extends UserError {}

@ObjectType('RevisionConflictError', {
  implements: UserError,
  description: 'It is not at the revision of ifMatch any more. Nothing was changed.',
})
export class RevisionConflictError extends UserError {
  @Field(() => String, { description: 'The revision that it is at.' })
  current: string
}

@ObjectType('ForbiddenError', {
  implements: UserError,
  description: 'You may see it, but not do this to it: a part of a batch that was left out.',
})
export class ForbiddenError extends UserError {}

@ObjectType('BatchTooLargeError', {
  implements: UserError,
  description: 'A batch is about more than one batch may be. Nothing was changed.',
})
export class BatchTooLargeError extends UserError {
  @Field(() => Int, { description: 'How many one batch may be about.' })
  maximum: number
  @Field(() => Int, { description: 'How many it is about.' })
  count: number
}

@ObjectType('FileTooLargeError', { implements: UserError, description: 'The file is larger than allowed.' })
export class FileTooLargeError extends UserError {
  @Field(() => BigIntScalar, { description: 'Largest size that is taken, in bytes.' })
  limit: number
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Size of the file in bytes; null when it was refused before its end was seen.',
  })
  actual: number | null
}

/** What an account may have only so much of. */
export enum Quota {
  BYTES = 'BYTES',
  ITEMS = 'ITEMS',
}
registerEnumType(Quota, {
  name: 'Quota',
  description: 'What an account may have only so much of.',
  valuesConfig: { BYTES: { description: 'Bytes.' }, ITEMS: { description: 'Media.' } },
})

@ObjectType('QuotaExceededError', {
  implements: UserError,
  description:
    'The account has no room for it. Nothing of it was kept, and its idempotency key is not used up. `used` and `reserved` are null for who may not see Viewer.usage.',
})
export class QuotaExceededError extends UserError {
  @Field(() => Quota, { description: 'Which quota, and so the unit of the figures.' })
  quota: Quota
  @Field(() => BigIntScalar, { description: 'Most that the account may have.' })
  limit: number
  @Field(() => BigIntScalar, { nullable: true, description: 'What it had.' })
  used: number | null
  @Field(() => BigIntScalar, { nullable: true, description: 'What was held for other uploads under way.' })
  reserved: number | null
  @Field(() => BigIntScalar, {
    description:
      'What was wanted in addition: of a file whose size was not announced, as much as had come when it was cut off.',
  })
  requested: number
}

@ObjectType('UnsupportedTypeError', {
  implements: UserError,
  description: 'Files of this type are not taken.',
})
export class UnsupportedTypeError extends UserError {
  @Field(() => String, { description: 'MIME type of the bytes, whatever they are called.' })
  type: string
}

@ObjectType('DuplicateContentError', {
  implements: UserError,
  description: 'A media that you may read has the same content. Nothing was made of the file.',
})
export class DuplicateContentError extends UserError {
  @Field(() => ID, { description: 'Id of the oldest such media.' })
  duplicateOf: string
}

@ObjectType('LegalHoldError', {
  implements: UserError,
  description: 'Legal holds keep the media; an administrator must release them first.',
})
export class LegalHoldError extends UserError {
  @Field(() => Int, { description: 'How many legal holds keep it.' })
  legalHolds: number
}

const byCode: Readonly<Record<string, string>> = {
  NOT_FOUND: 'NotFoundError',
  FILE_TOO_LARGE: 'FileTooLargeError',
  QUOTA_EXCEEDED: 'QuotaExceededError',
  UNSUPPORTED_TYPE: 'UnsupportedTypeError',
  DUPLICATE_CONTENT: 'DuplicateContentError',
  LEGAL_HOLD: 'LegalHoldError',
  NAME_TAKEN: 'ConflictError',
  KEY_TAKEN: 'ConflictError',
  KEY_REVOKED: 'ConflictError',
  IMPORTS_OFF: 'ConflictError',
  WEBHOOKS_OFF: 'ConflictError',
  WEBHOOK_DISABLED: 'ConflictError',
  TOO_MANY_WEBHOOKS: 'ConflictError',
  NO_CONTENT: 'ConflictError',
  UPLOAD_NOT_RECEIVED: 'ConflictError',
  UPLOAD_EXPIRED: 'ConflictError',
  LAST_ADMIN_KEY: 'ConflictError',
  REVISION_CONFLICT: 'RevisionConflictError',
  FORBIDDEN: 'ForbiddenError',
  BATCH_TOO_LARGE: 'BatchTooLargeError',
  BATCH_UNDONE: 'ConflictError',
  IDEMPOTENCY_CONFLICT: 'ConflictError',
  IDEMPOTENCY_RESULT_GONE: 'NotFoundError',
}

const concreteType = (code: string): string => byCode[code] ?? 'InvalidInputError'

export const userErrorTypes = [
  InvalidInputError,
  NotFoundError,
  ConflictError,
  FileTooLargeError,
  QuotaExceededError,
  UnsupportedTypeError,
  DuplicateContentError,
  LegalHoldError,
  RevisionConflictError,
  ForbiddenError,
  BatchTooLargeError,
]

/** Not signed in (401), not allowed (403), too fast (429) and our own faults (5xx) are no user errors. */
const USER_STATUS = new Set([400, 404, 409, 410, 412, 413, 415, 422])

/** The user error that an AppError stands for; throws everything else on, to become a top-level error. */
export function asUserError(error: unknown): UserError {
  if (!(error instanceof AppError) || !USER_STATUS.has(error.status)) throw error
  return userError(error)
}

/** The user error of one part of a batch: what is forbidden (403) there is data, too, beside the results of the other parts. */
export function asPartError(error: unknown): UserError {
  return error instanceof AppError && error.status === 403 ? userError(error) : asUserError(error)
}

function userError(error: AppError): UserError {
  tellRefused(error)
  return {
    actual: null,
    ...error.details,
    code: error.code,
    message: error.publicMessage,
    field: error.field ?? null,
  } as UserError
}
