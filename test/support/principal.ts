import type { Principal } from '../../src/features/access/viewer.ts'

/** A principal as an API key of no owner makes it, but for what is said of it. */
export const principal = (said: Pick<Principal, 'accountId'> & Partial<Principal>): Principal => ({
  kind: 'principal',
  name: 'key:k',
  scopes: new Set(),
  ownerId: null,
  groupIds: [],
  applicationId: null,
  acl: null,
  ...said,
})
