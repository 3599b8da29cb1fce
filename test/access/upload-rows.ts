import { graphqlClient } from '../support/gql.ts'
import { graphQLOutcome, httpOutcome } from './outcome.ts'
import { operation, type Row, type Stage } from './row.ts'

const TUS = { 'tus-resumable': '1.0.0' }
const BYTES = { ...TUS, 'content-type': 'application/offset+octet-stream' }

interface Ticket {
  readonly id: string
  readonly putUrl: string
}

/** A ticket of anna's, whose URL everybody of the row has. */
async function annasTicket({ url, annas }: Stage): Promise<Ticket> {
  const { createUpload } = await graphqlClient(url, annas).query(
    `mutation { createUpload(input: {}) { ticket { id putUrl } } }`,
  )
  return createUpload.ticket
}

/** A resumable upload of anna's that waits for one byte; with a ticket's URL, or with her credential. */
async function annasUpload({ url, annas }: Stage, endpoint = `${url}/uploads`): Promise<string> {
  const headers = {
    ...TUS,
    'upload-length': '1',
    ...(endpoint.includes('/tickets/') ? {} : { authorization: annas }),
  }
  const { headers: made } = await fetch(endpoint, { method: 'POST', headers })
  return made.get('location') ?? ''
}

interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A row for one method of a route whose URL is made for each cell. */
function route(name: string, expect: string, urlOf: (stage: Stage) => Promise<string>): Row {
  const [method = ''] = name.split(' ')
  return {
    name,
    expect,
    async act(stage, headers) {
      const ask = ASKED[method] ?? {}
      // Of POST: a creation at a place of creations, and PATCH in disguise at an upload.
      const { headers: asked, body } = method === 'POST' && name.endsWith(':id') ? DISGUISED : ask
      const answer = await fetch(await urlOf(stage), { method, headers: { ...headers, ...asked }, body })
      await answer.arrayBuffer()
      return httpOutcome(answer.status)
    },
  }
}

const PIECE: Ask = { headers: { ...BYTES, 'upload-offset': '0' }, body: 'x' }
const DISGUISED: Ask = { ...PIECE, headers: { ...PIECE.headers, 'x-http-method-override': 'PATCH' } }
const ASKED: Readonly<Record<string, Ask>> = {
  PUT: { body: 'x' },
  POST: { headers: { ...TUS, 'upload-length': '1' } },
  PATCH: PIECE,
  HEAD: { headers: TUS },
  DELETE: { headers: TUS },
}

const completion: Row = {
  name: 'Mutation.completeUpload',
  // The credential that asked for the ticket, and no other: to them it is not there.
  expect: 'UUUU -- --+- ---',
  async act(stage, headers) {
    const { id, putUrl } = await annasTicket(stage)
    await fetch(putUrl, { method: 'PUT', body: 'x' })
    const { data, errors } = await graphqlClient(stage.url, headers.authorization ?? null).send(
      `mutation { completeUpload(input: { id: "${id}" }) { userErrors { code } } }`,
    )
    return graphQLOutcome('completeUpload', { data, errors })
  },
}

/** The URL decides, whoever has it; a credential that does not hold is refused at every door. */
const WHO_HAS_THE_URL = '+UUU ++ ++++ +++'
const CREATE = 'UUUU FF ++++ +FF'
/** Who may create at all, and among them who has created it. */
const ITS_CREATOR = 'UUUU FF --+- -FF'

const creations = async ({ url }: Stage) => `${url}/uploads`
const upload = (stage: Stage) => annasUpload(stage)
const ticket = async (stage: Stage) => (await annasTicket(stage)).putUrl
const uploadOfTicket = async (stage: Stage) => annasUpload(stage, await ticket(stage))

//              none garbage revoked expired | readOnly noMediaScope | otherAccount otherOwner owner admin | jwtAll jwtGet jwtElsewhere
export const UPLOAD_ROWS: readonly Row[] = [
  operation('Mutation.createUpload', CREATE, () => 'createUpload(input: {}) { userErrors { code } }'),
  completion,
  route('PUT /uploads/tickets/:ticket', WHO_HAS_THE_URL, ticket),
  route('POST /uploads/tickets/:ticket', WHO_HAS_THE_URL, ticket),
  route('OPTIONS /uploads/tickets/:ticket', WHO_HAS_THE_URL, ticket),
  route('HEAD /uploads/tickets/:ticket/:id', WHO_HAS_THE_URL, uploadOfTicket),
  route('PATCH /uploads/tickets/:ticket/:id', WHO_HAS_THE_URL, uploadOfTicket),
  route('DELETE /uploads/tickets/:ticket/:id', WHO_HAS_THE_URL, uploadOfTicket),
  route('POST /uploads/tickets/:ticket/:id', WHO_HAS_THE_URL, uploadOfTicket),
  route('OPTIONS /uploads/tickets/:ticket/:id', WHO_HAS_THE_URL, uploadOfTicket),
  route('POST /uploads', CREATE, creations),
  // What the gateway speaks is no secret.
  route('OPTIONS /uploads', WHO_HAS_THE_URL, creations),
  route('HEAD /uploads/:id', ITS_CREATOR, upload),
  route('PATCH /uploads/:id', ITS_CREATOR, upload),
  route('DELETE /uploads/:id', ITS_CREATOR, upload),
  route('POST /uploads/:id', ITS_CREATOR, upload),
  route('OPTIONS /uploads/:id', WHO_HAS_THE_URL, upload),
]
