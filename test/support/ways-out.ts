import { ADMIN, type TestApp } from './app.ts'

/** One way in which the content of a media leaves, gone to its end. */
export interface WayOut {
  readonly name: string
  take(): Promise<Taken>
}

export interface Taken {
  readonly status: number
  /** Of the refusal; of an archive that of what it has left out. */
  readonly code: string | null
  readonly retryAfter: string | null
  readonly cacheControl: string | null
  /** All that came. */
  readonly body: Buffer
}

/**
 * Every way in which the content of a media of the account `acme` leaves the gateway; of a version of it where one is named. The links and
 * URLs among them are made now.
 */
export async function waysOut(gateway: TestApp, mediaId: string, version: number): Promise<WayOut[]> {
  const { media } = await gateway.query(
    `query($id: ID!) { media(id: $id) { url contentVersion etag name originalFileName versions { nodes { contentVersion sha256 url } } } }`,
    { id: mediaId },
  )
  const { createShareLink } = await gateway.query(
    `mutation($id: ID!) { createShareLink(input: { mediaId: $id }) { url } }`,
    { id: mediaId },
  )
  const kept = media.versions.nodes.find(
    (node: { contentVersion: number }) => node.contentVersion === version,
  )
  const content = `${gateway.url}/media/${mediaId}/content`
  const [known] = await gateway.app.foundation.database.query<{ number: number; hash: string }>(
    'SELECT number, hash FROM media WHERE id = $1',
    [mediaId],
  )
  const shown = `${gateway.url}/media/showVideo/${known?.number}/hash/${known?.hash}`
  const asAdmin = (headers: Record<string, string> = {}) => ({
    headers: { authorization: ADMIN, ...headers },
  })
  const get = (name: string, url: string, init: RequestInit = asAdmin()): WayOut => ({
    name,
    take: async () => taken(await fetch(url, { redirect: 'manual', ...init })),
  })
  const ofVersion = [
    get('?v=', `${content}?v=${version}`),
    get('a range of ?v=', `${content}?v=${version}`, asAdmin({ range: 'bytes=0-9' })),
    get('HEAD of ?v=', `${content}?v=${version}`, { method: 'HEAD', ...asAdmin() }),
    get(
      '?v= for whom has it already',
      `${content}?v=${version}`,
      asAdmin({ 'if-none-match': `"${kept?.sha256}"` }),
    ),
    ...(kept ? [get('the URL of the version', kept.url, {})] : []),
  ]
  if (version !== media.contentVersion) return ofVersion
  return [
    ...ofVersion,
    get('content', content),
    get('content to save', `${content}?download=1`),
    get('HEAD', content, { method: 'HEAD', ...asAdmin() }),
    get('a range', content, asAdmin({ range: 'bytes=-5' })),
    get('content for whom has it already', content, asAdmin({ 'if-none-match': `"${kept?.sha256}"` })),
    get('content for whom has any', content, asAdmin({ 'if-none-match': '*' })),
    get('the signed URL', media.url, {}),
    get('the Vonage Media API', `${gateway.url}/v3/media/${mediaId}`),
    get(
      'the Bandwidth media API',
      `${gateway.url}/api/v2/users/acme/media/${encodeURIComponent(media.name ?? `${mediaId}/${media.originalFileName}`)}`,
    ),
    get('a share link', createShareLink.url, {}),
    get('HEAD of a share link', createShareLink.url, { method: 'HEAD' }),
    get('the hash', `${content}?hash=${known?.hash}`, {}),
    get('the hash as Apizee has it', shown, {}),
    get('HEAD of the hash as Apizee has it', shown, { method: 'HEAD' }),
    get('the download of Apizee', `${gateway.url}/api/v3/medias/${known?.number}/download`),
    { name: 'an archive', take: () => archive(gateway, mediaId) },
  ]
}

/** In our form, or in Apizee's, which has our codes in small letters. */
const codeIn = ({ error, code }: { error?: { code?: string }; code?: string }): string | null =>
  error?.code ?? code?.toUpperCase() ?? null

async function taken(response: Response): Promise<Taken> {
  const body = Buffer.from(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return {
    status: response.status,
    code: isJson && body.length > 0 ? codeIn(JSON.parse(body.toString())) : null,
    retryAfter: response.headers.get('retry-after'),
    cacheControl: response.headers.get('cache-control'),
    body,
  }
}

/** The archive itself is always sent: what of it counts is why its one media was left out. */
async function archive(gateway: TestApp, mediaId: string): Promise<Taken> {
  const response = await fetch(`${gateway.url}/media/archive`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify({ ids: [mediaId] }),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const [, code] = /"code": "(\w+)"/.exec(body.toString('latin1')) ?? []
  const status = code === undefined ? 200 : code === 'CONTENT_NOT_SCANNED' ? 409 : 403
  return { status, code: code ?? null, retryAfter: null, cacheControl: null, body }
}
