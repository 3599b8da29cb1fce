import type { Shared } from './global-setup.ts'

export default async function tearDown(): Promise<void> {
  await (globalThis as Shared).testServers?.disposeAsync()
}
