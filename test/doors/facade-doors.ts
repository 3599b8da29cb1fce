import { asked, type Sent, type Site } from './door.ts'
import { exchange, formBody, type Reply } from './wire.ts'

/** A way in that is somebody else's API: it says little of a media but its bytes, and refuses in its own words. */
export interface FacadeDoor {
  readonly name: string
  /** Routes that are gone through. */
  readonly uses: readonly string[]
  /** Types of files that it takes; all without it. */
  readonly takes?: RegExp
  /** The whole answer; null when the connection was cut. */
  send(site: Site, sent: Omit<Sent, 'fields'>): Promise<Reply | null>
  /** Of an answer that says that it came. */
  mediaIdIn(site: Site, reply: Reply, sent: Pick<Sent, 'fileName'>): Promise<string>
}

const BANDWIDTH = '/api/v2/users/acme/media'

function byForm(path: string, field: string, isChunked: boolean): FacadeDoor['send'] {
  return (site, { bytes, fileName, mimeType, halfway }) => {
    const { type, body } = formBody(field, { bytes, fileName, mimeType })
    const headers = { ...asked(site), 'content-type': type }
    return exchange({ method: 'POST', url: site.gateway.url + path, headers, body, isChunked, halfway })
  }
}

const byName =
  (isChunked: boolean): FacadeDoor['send'] =>
  (site, { bytes, fileName = 'unnamed', mimeType, halfway }) =>
    exchange({
      method: 'PUT',
      url: `${site.gateway.url}${BANDWIDTH}/${encodeURIComponent(fileName)}`,
      headers: { ...asked(site), ...(mimeType === undefined ? {} : { 'content-type': mimeType }) },
      body: [bytes],
      isChunked,
      halfway,
    })

const idInBody = async (_: Site, { text }: Reply): Promise<string> => JSON.parse(text).id
const idOfName: FacadeDoor['mediaIdIn'] = async ({ gateway }, _, { fileName: name = 'unnamed' }) =>
  (await gateway.query(`query($name: String!) { mediaByName(name: $name) { id } }`, { name })).mediaByName.id

export const FACADE_DOORS: readonly FacadeDoor[] = [false, true].flatMap(isChunked => {
  const framing = isChunked ? ', in chunks' : ''
  return [
    {
      name: `Vonage${framing}`,
      uses: ['POST /v3/media', 'POST /v3/media/'],
      send: byForm(isChunked ? '/v3/media/' : '/v3/media', 'filedata', isChunked),
      mediaIdIn: idInBody,
    },
    {
      name: `Bandwidth${framing}`,
      uses: ['PUT /api/v2/users/:accountId/media/*'],
      send: byName(isChunked),
      mediaIdIn: idOfName,
    },
    {
      name: `Contentive${framing}`,
      uses: ['POST /api/media', 'POST /api/media/'],
      takes: /^(image\/(jpeg|png|gif)|application\/pdf|video\/mp4|audio\/mpeg)$/,
      send: byForm(isChunked ? '/api/media/' : '/api/media', 'file', isChunked),
      mediaIdIn: idInBody,
    },
  ]
})

/** Routes of these APIs that take a body, and no file. */
export const NO_FACADE_DOORS: readonly string[] = [
  'PUT /v3/media/:id',
  'PUT /v3/media/:id/info',
  'POST /v3/media/:id/info',
  'PUT /api/v3/medias/:mediaId',
]
