import { ask, askGraphQL, type Host } from '../ask.ts'
import { newTicket } from '../ticket.ts'
import { breakOffAt, type Ending } from './break-off.ts'
import type { BreakingOrigin } from './breaking-origin.ts'
import { chunked, type Message, multipart, type Place, sized, upTo } from './message.ts'

/** What doors are tried with. */
export interface Visitor extends Host {
  readonly remote: BreakingOrigin
}

/** One upload that is not to be. */
export interface Abort {
  /** Unique in its run. */
  readonly id: string
  readonly file: Buffer
  readonly place: Place
  readonly ending: Ending
  /** Whether the client says that it gives up what came, where it can say so. */
  readonly isTerminated: boolean
}

export interface Door {
  readonly name: string
  /** Begins an upload and breaks it off; resolves when the client's side is done. */
  abort(visitor: Visitor, abort: Abort): Promise<void>
}

const UPLOAD = 'mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } } }'
const TUS = { 'Tus-Resumable': '1.0.0' }
const TUS_BYTES = { ...TUS, 'Content-Type': 'application/offset+octet-stream' }

/** Every way in, each by the request that carries the bytes. */
export const DOORS: readonly Door[] = [
  { name: 'tus PATCH', abort: (visitor, abort) => abortPatch(visitor, abort, {}) },
  {
    name: 'tus PATCH of a part',
    abort: (visitor, abort) => abortPatch(visitor, abort, { 'Upload-Concat': 'partial' }),
  },
  {
    name: 'tus creation with upload',
    abort: (visitor, abort) =>
      send(visitor, abort, file =>
        sized(
          'POST /uploads HTTP/1.1',
          { ...said(visitor), ...TUS_BYTES, 'Upload-Length': String(file.length) },
          file,
        ),
      ),
  },
  {
    name: 'GraphQL multipart',
    abort: (visitor, abort) =>
      send(visitor, abort, file =>
        multipart('POST /graphql HTTP/1.1', said(visitor), {
          operations: JSON.stringify({ query: UPLOAD, variables: { input: { file: null } } }),
          file,
        }),
      ),
  },
  { name: 'ticket PUT with Content-Length', abort: (visitor, abort) => abortPut(visitor, abort, sized) },
  { name: 'ticket PUT in chunks', abort: (visitor, abort) => abortPut(visitor, abort, chunked) },
  {
    name: 'import by URL',
    async abort({ remote, ...visitor }, { id, file, place, ending }) {
      const message = (file.length % 2 === 0 ? sized : chunked)(
        'HTTP/1.1 200 OK',
        { Connection: 'close' },
        file,
      )
      const broken = remote.breakOffAt(`/${id}`, { bytes: upTo(place, message), ending })
      await askGraphQL(
        visitor,
        'mutation ($url: String!) { importMedia(input: { url: $url }) { media { id } } }',
        { url: `${remote.url}/${id}` },
      )
      await broken
    },
  },
]

const said = ({ origin, authorization }: Host) => ({
  Host: new URL(origin).host,
  Authorization: authorization,
  'Apollo-Require-Preflight': 'true',
})

const send = ({ origin }: Host, { file, place, ending }: Abort, messageOf: (file: Buffer) => Message) =>
  breakOffAt(origin, upTo(place, messageOf(file)), ending)

/** A creation that is answered, and a PATCH that breaks off. */
async function abortPatch(
  visitor: Visitor,
  abort: Abort,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  const created = await ask(visitor, {
    method: 'POST',
    path: '/uploads',
    headers: { ...TUS, 'Upload-Length': String(abort.file.length), ...more },
    status: 201,
  })
  const { pathname: path } = new URL(created.headers.location ?? '')
  await send(visitor, abort, file =>
    sized(`PATCH ${path} HTTP/1.1`, { ...said(visitor), ...TUS_BYTES, 'Upload-Offset': '0' }, file),
  )
  if (abort.isTerminated) await ask(visitor, { method: 'DELETE', path, headers: TUS, status: 204 })
}

async function abortPut(visitor: Visitor, abort: Abort, framed: typeof sized): Promise<void> {
  const { path } = await newTicket(visitor)
  await send(visitor, abort, file => framed(`PUT ${path} HTTP/1.1`, said(visitor), file))
}
