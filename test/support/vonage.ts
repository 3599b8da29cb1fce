import { IMPORT_JOB } from '../../src/features/upload/import/import.service.ts'
import type { TestApp } from './app.ts'
import { type KeyPair, rsaPair } from './jwt.ts'

/** What a customer of Vonage has: an API key with its secret, an application with its private key. */
export interface VonageCredentials {
  readonly apiKey: string
  readonly apiSecret: string
  readonly applicationId: string
  readonly privateKey: string
  readonly pair: KeyPair
  /** Of the key, as a header. */
  readonly basic: string
}

export const basicHeader = (key: string, secret: string): string =>
  `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`

/** Both kinds of credentials of one account, with these scopes; without them they may do all that media need. */
export async function vonageCredentials(
  { app }: Pick<TestApp, 'app'>,
  { accountId = 'acme', scopes }: { accountId?: string; scopes?: readonly string[] } = {},
): Promise<VonageCredentials> {
  const { key, secret: made } = await app.keys.create({ accountId, scopes: scopes ?? ['*'] } as never)
  const secret = made ?? ''
  const pair = rsaPair()
  const application = await app.applications.create({ accountId, publicKey: pair.pem, scopes } as never)
  return {
    apiKey: key.id,
    apiSecret: secret,
    applicationId: application.id,
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    pair,
    basic: basicHeader(key.id, secret),
  }
}

export const idIn = (location: string | null): string => location?.split('/').at(-2) ?? ''

/** Fetches what a media was announced for, here and now. */
export async function importNow({ app }: Pick<TestApp, 'app'>, mediaId: string): Promise<void> {
  const context = { job: { attempts: 1 }, abortSignal: new AbortController().signal }
  await app.jobs.find(({ name }) => name === IMPORT_JOB)?.run({ mediaId }, context as never)
}

/** Does the work while every query of media fails, as if the database were not ours. */
export async function withBrokenLibrary<T>(
  { app }: Pick<TestApp, 'app'>,
  work: () => Promise<T>,
): Promise<T> {
  const { database } = app.foundation
  await database.query('ALTER TABLE media RENAME TO media_elsewhere')
  try {
    return await work()
  } finally {
    await database.query('ALTER TABLE media_elsewhere RENAME TO media')
  }
}
