import { type Row, route, type Stage } from './row.ts'

const READ = 'UUUU +F --++ ++F'
const LIST = 'UUUU +F ++++ ++F'
const CHANGE = 'UUUU FF --++ +FF'
/** The hash decides, whoever has it; a credential that does not hold is refused at every door. */
const WHO_HAS_THE_HASH = '+UUU ++ ++++ +++'

const one = (s: Stage) => `/api/v3/medias/${s.mediaNumber}`
const shown = (s: Stage) => `/media/showVideo/${s.mediaNumber}/hash/${s.mediaHash}`

//  none garbage revoked expired | readOnly noMediaScope | otherAccount otherOwner owner admin | jwtAll jwtGet jwtElsewhere
export const APIZEE_ROWS: readonly Row[] = [
  route('GET /api/v3/medias', LIST, () => '/api/v3/medias'),
  route('HEAD /api/v3/medias', LIST, () => '/api/v3/medias'),
  route('GET /api/v3/medias/', LIST, () => '/api/v3/medias/'),
  route('HEAD /api/v3/medias/', LIST, () => '/api/v3/medias/'),
  route('GET /api/v3/medias/:mediaId', READ, one),
  route('HEAD /api/v3/medias/:mediaId', READ, one),
  route('GET /api/v3/medias/:mediaId/download', READ, s => `${one(s)}/download`),
  route('HEAD /api/v3/medias/:mediaId/download', READ, s => `${one(s)}/download`),
  route('PUT /api/v3/medias/:mediaId', CHANGE, one, () => ({ title: 'x' })),
  route('DELETE /api/v3/medias/:mediaId', CHANGE, one),
  route('GET /media/showVideo/:mediaId/hash/:hash', WHO_HAS_THE_HASH, shown),
  route('HEAD /media/showVideo/:mediaId/hash/:hash', WHO_HAS_THE_HASH, shown),
]
