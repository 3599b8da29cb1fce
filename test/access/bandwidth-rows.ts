import { randomUUID } from 'node:crypto'
import { type Row, route, type Stage } from './row.ts'

const LIST = '/api/v2/users/acme/media'
const named = ({ mediaName }: Stage) => `${LIST}/${encodeURIComponent(mediaName)}`

// The path is of the account `acme`: to those of another one nothing is there or not there, but forbidden.
//              none garbage revoked expired | readOnly noMediaScope | otherAccount otherOwner owner admin | jwtAll jwtGet jwtElsewhere
export const BANDWIDTH_ROWS: readonly Row[] = [
  route('GET /api/v2/users/:accountId/media', 'UUUU +F F+++ ++F', () => LIST),
  route('HEAD /api/v2/users/:accountId/media', 'UUUU +F F+++ ++F', () => LIST),
  route('GET /api/v2/users/:accountId/media/', 'UUUU +F F+++ ++F', () => `${LIST}/`),
  route('HEAD /api/v2/users/:accountId/media/', 'UUUU +F F+++ ++F', () => `${LIST}/`),
  route('GET /api/v2/users/:accountId/media/*', 'UUUU +F F-++ ++F', named),
  route('HEAD /api/v2/users/:accountId/media/*', 'UUUU +F F-++ ++F', named),
  route('PUT /api/v2/users/:accountId/media/*', 'UUUU FF F+++ +FF', () => `${LIST}/${randomUUID()}`),
  // Done, to another owner, is that there is nothing of the name that they see.
  route('DELETE /api/v2/users/:accountId/media/*', 'UUUU FF F+++ +FF', named),
]
