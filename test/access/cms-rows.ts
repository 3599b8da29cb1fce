import { fixture } from '../support/fixtures.ts'
import { httpOutcome } from './outcome.ts'
import { type Row, route, type Stage } from './row.ts'

const READ = 'UUUU +F --++ ++F'
const LIST = 'UUUU +F ++++ ++F'
const CHANGE = 'UUUU FF --++ +FF'
const CREATE = 'UUUU FF ++++ +FF'

/** A row for an upload by a form. */
const upload = (name: string, path: string): Row => ({
  name,
  expect: CREATE,
  async act({ url }: Stage, headers) {
    const body = new FormData()
    body.append('file', new Blob([fixture('photo.png').bytes() as Buffer<ArrayBuffer>]), 'photo.png')
    const answer = await fetch(url + path, { method: 'POST', headers, body })
    await answer.arrayBuffer()
    return httpOutcome(answer.status)
  },
})

/** The media API of Contentive CMS. */
export const CMS_ROWS: readonly Row[] = [
  route('GET /api/media', LIST, () => '/api/media'),
  route('HEAD /api/media', LIST, () => '/api/media'),
  route('GET /api/media/', LIST, () => '/api/media/'),
  route('HEAD /api/media/', LIST, () => '/api/media/'),
  upload('POST /api/media', '/api/media'),
  upload('POST /api/media/', '/api/media/'),
  route('GET /api/media/:id', READ, s => `/api/media/${s.mediaId}`),
  route('HEAD /api/media/:id', READ, s => `/api/media/${s.mediaId}`),
  route('DELETE /api/media/:id', CHANGE, s => `/api/media/${s.mediaId}`),
]
