import { ADMIN, startApp, type TestOverrides } from '../support/app.ts'
import { startOrigin } from '../support/origin.ts'
import type { Site } from './door.ts'

export interface OpenSite extends Site {
  close(): Promise<void>
}

/** A gateway that may import from an origin beside it, gone through as its administrator. */
export async function startSite(
  environment: Readonly<Record<string, string>> = {},
  overrides: TestOverrides = {},
): Promise<OpenSite> {
  const origin = await startOrigin()
  const gateway = await startApp({ IMPORT_FROM_URL: '127.0.0.0/8', ...environment }, overrides)
  return {
    gateway,
    origin,
    authorization: ADMIN,
    async close() {
      await gateway.close()
      origin.close()
    },
  }
}
