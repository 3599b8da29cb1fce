import { httpOutcome } from './outcome.ts'
import { type Row, route } from './row.ts'

const LIST = 'UUUU +F ++++ ++F'
const READ = 'UUUU +F --++ ++F'
const CREATE = 'UUUU FF ++++ +FF'
const CHANGE = 'UUUU FF --++ +FF'

function uploads(path: string): Row {
  return {
    name: `POST ${path}`,
    expect: CREATE,
    async act({ url }, headers) {
      const body = new FormData()
      body.append('filedata', new Blob(['x']), 'x.txt')
      const answer = await fetch(url + path, { method: 'POST', headers, body })
      await answer.arrayBuffer()
      return httpOutcome(answer.status)
    },
  }
}

const title = () => ({ title: 'x' })

//                                none garbage revoked expired | readOnly noMediaScope | otherAccount otherOwner owner admin | jwtAll jwtGet jwtElsewhere
export const VONAGE_ROWS: readonly Row[] = [
  route('GET /v3/media', LIST, () => '/v3/media'),
  route('HEAD /v3/media', LIST, () => '/v3/media'),
  route('GET /v3/media/', LIST, () => '/v3/media/'),
  route('HEAD /v3/media/', LIST, () => '/v3/media/'),
  uploads('/v3/media'),
  uploads('/v3/media/'),
  route('GET /v3/media/:id', READ, s => `/v3/media/${s.mediaId}`),
  route('HEAD /v3/media/:id', READ, s => `/v3/media/${s.mediaId}`),
  route('GET /v3/media/:id/info', READ, s => `/v3/media/${s.mediaId}/info`),
  route('HEAD /v3/media/:id/info', READ, s => `/v3/media/${s.mediaId}/info`),
  route('PUT /v3/media/:id', CHANGE, s => `/v3/media/${s.mediaId}`, title),
  route('PUT /v3/media/:id/info', CHANGE, s => `/v3/media/${s.mediaId}/info`, title),
  route('POST /v3/media/:id/info', CHANGE, s => `/v3/media/${s.mediaId}/info`, title),
  route('DELETE /v3/media/:id', CHANGE, s => `/v3/media/${s.mediaId}`),
]
