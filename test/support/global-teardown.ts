import type { EmbeddedPostgres } from '../../src/platform/db/embedded/embedded-postgres.ts'

export default async function tearDown(): Promise<void> {
  await (globalThis as { testPostgres?: EmbeddedPostgres }).testPostgres?.close()
}
