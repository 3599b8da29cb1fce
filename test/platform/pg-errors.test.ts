import { QueryRunnerAlreadyReleasedError } from 'typeorm'
import { CommitUnknownError, databaseError, isConnectionLost } from '../../src/platform/db/pg-errors.ts'

test.each([
  ["TypeORM's word for a connection that is gone", new QueryRunnerAlreadyReleasedError()],
  ['a server that is shut down', { code: '57P01' }],
  ['a server that starts up', { code: '57P03' }],
  ['a protocol that broke off', { code: '08006' }],
  ['a socket that was reset, inside a wrapper', { driverError: { code: 'ECONNRESET' } }],
  ['a connection that ended', { message: 'Connection terminated unexpectedly' }],
])('%s is a lost connection, and the request may be sent again later', (_, error) => {
  expect(isConnectionLost(error)).toBe(true)
  expect(databaseError(error)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfter: 5 })
})

test.each([
  ['a full disk', { code: '53100' }],
  ['a read-only server after a fail-over', { code: '25006' }],
  ['a statement that took too long', { code: '57014' }],
  ['a COMMIT without an answer', new CommitUnknownError()],
])('%s passes', (_, error) => {
  expect(databaseError(error)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
})

test.each([
  ['a statement that does not fit its parameters', { code: '08P01' }],
  ['a name that is taken', { code: '23505' }],
  ['anything else', new Error('what?')],
])('%s is left as it was', (_, error) => {
  expect(isConnectionLost(error)).toBe(false)
  expect(databaseError(error)).toBe(error)
})
