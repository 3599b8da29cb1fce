import type { TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { graphqlClient } from '../support/gql.ts'

/** Something of a library, and how it came. */
export interface Item {
  readonly door: 'graphql' | 'tus' | 'vonage' | 'bandwidth' | 'cms'
  readonly id: string
  /** What it is called when it is downloaded. */
  readonly name: string
  readonly bytes: Buffer
}

/** One account that was filled through every door, and a credential that reaches all of it. */
export interface Library {
  readonly url: string
  readonly authorization: string
  readonly items: readonly Item[]
}

type Ways = Readonly<Record<Item['door'], (file: { name: string; bytes: Buffer }) => Promise<string>>>

/** Puts one file of each kind into the account of the credential, through every door; each has bytes of its own. */
export async function startLibrary({ url }: Pick<TestApp, 'url'>, authorization: string): Promise<Library> {
  const ways = waysIn(url, authorization)
  const items: Item[] = []
  for (const door of Object.keys(ways) as Item['door'][]) {
    const name = `by ${door} – ü.png`
    // What follows the end of a PNG is passed over.
    const bytes = Buffer.concat([fixture('photo.png').bytes(), Buffer.from(`${door} ${Math.random()}`)])
    items.push({ door, name, bytes, id: await ways[door]({ name, bytes }) })
  }
  return { url, authorization, items }
}

function waysIn(url: string, authorization: string): Ways {
  const asked = { authorization }
  const form = (field: string, { name, bytes }: { name: string; bytes: Buffer }) => {
    const body = new FormData()
    body.append(field, new Blob([bytes as unknown as Uint8Array<ArrayBuffer>], { type: 'image/png' }), name)
    return body
  }
  const post = (path: string, body: FormData) =>
    fetch(url + path, { method: 'POST', headers: asked, body }).then(demandOk)
  return {
    graphql: async ({ name, bytes }) =>
      (await graphqlClient(url, authorization).upload({ bytes, fileName: name })).media.id,
    tus: async ({ name, bytes }) => {
      const answer = await fetch(`${url}/uploads`, {
        method: 'POST',
        headers: {
          ...asked,
          'tus-resumable': '1.0.0',
          'upload-length': String(bytes.length),
          'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
          'content-type': 'application/offset+octet-stream',
        },
        body: bytes as unknown as Uint8Array<ArrayBuffer>,
      })
      return demandOk(answer).headers.get('media-id') ?? ''
    },
    vonage: async file => {
      const answer = await post('/v3/media', form('filedata', file))
      return /\/v3\/media\/([^/]+)\/info$/.exec(answer.headers.get('location') ?? '')?.[1] ?? ''
    },
    bandwidth: async ({ name, bytes }) => {
      const answer = await fetch(`${url}/api/v2/users/acme/media/${encodeURIComponent(name)}`, {
        method: 'PUT',
        headers: { ...asked, 'content-type': 'image/png' },
        body: bytes as unknown as Uint8Array<ArrayBuffer>,
      })
      demandOk(answer)
      const { mediaByName } = await graphqlClient(url, authorization).query(
        `query N($name: String!) { mediaByName(name: $name) { id } }`,
        { name },
      )
      return mediaByName.id
    },
    cms: async file => ((await (await post('/api/media', form('file', file))).json()) as { id: string }).id,
  }
}

function demandOk(answer: Response): Response {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`)
  return answer
}

/** What came by one door, to be seen through all others. */
export function cameBy(library: Library, door: Item['door']) {
  const item = library.items.find(one => one.door === door)
  if (!item) throw new Error(`nothing came by ${door}`)
  return {
    item,
    async isSeenByAll() {
      for (const [system, see] of Object.entries(WAYS_OUT)) {
        const seen = await see(library, item)
        expect([system, seen.isListed]).toEqual([system, true])
        expect([system, seen.size]).toEqual([system, item.bytes.length])
        expect([system, seen.bytes.equals(item.bytes)]).toEqual([system, true])
      }
    },
  }
}

interface Seen {
  readonly isListed: boolean
  /** As the system tells it. */
  readonly size: number
  readonly bytes: Buffer
}

type Look = (library: Library, item: Item) => Promise<Seen>

const read = async (library: Library, path: string): Promise<Response> =>
  demandOk(
    await fetch(path.startsWith('http') ? path : library.url + path, {
      headers: { authorization: library.authorization },
    }),
  )
// biome-ignore lint/suspicious/noExplicitAny: answers of four systems.
const readJson = async (library: Library, path: string): Promise<any> => (await read(library, path)).json()
const readBytes = async (library: Library, path: string) =>
  Buffer.from(await (await read(library, path)).arrayBuffer())

/** How each system shows one item: listed, described, downloaded. */
export const WAYS_OUT: Readonly<Record<'vonage' | 'bandwidth' | 'cms' | 'apizee', Look>> = {
  async vonage(library, { id }) {
    const list = await readJson(library, '/v3/media?page_size=100')
    const info = await readJson(library, `/v3/media/${id}/info`)
    return {
      isListed: list._embedded.media.some((one: { id: string }) => one.id === id),
      size: info.media_size,
      bytes: await readBytes(library, `/v3/media/${id}`),
    }
  },
  async bandwidth(library, { id, name }) {
    const list = await readJson(library, '/api/v2/users/acme/media')
    const listed = list.find(({ mediaName }: { mediaName: string }) =>
      [name, `${id}/${name}`].includes(mediaName),
    )
    return {
      isListed: listed !== undefined,
      size: listed?.contentLength,
      bytes: await readBytes(library, listed?.content),
    }
  },
  async cms(library, { id }) {
    const list = await readJson(library, '/api/media?page_size=100')
    const one = await readJson(library, `/api/media/${id}`)
    return {
      isListed: list.data.some((listed: { id: string }) => listed.id === id),
      size: one.size,
      bytes: await readBytes(library, one.url),
    }
  },
  async apizee(library, { name, bytes }) {
    const list = await readJson(library, '/api/v3/medias?limit=100&user=all&status=completed,processing')
    const listed = list.data.find(
      (one: { filename: string; filesize: number }) => one.filename === name && one.filesize === bytes.length,
    )
    const one = await readJson(library, `/api/v3/medias/${listed?.id}`)
    return {
      isListed: listed !== undefined,
      size: one.filesize,
      bytes: await readBytes(library, `/api/v3/medias/${listed?.id}/download`),
    }
  },
}
