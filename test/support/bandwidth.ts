import { ADMIN, type TestApp } from './app.ts'

export const LIST = '/api/v2/users/acme/media'

export interface Ask {
  readonly headers?: Record<string, string | undefined>
  readonly body?: BodyInit
  readonly authorization?: string | null
}

interface Item {
  readonly content: string
  readonly contentLength: number
  readonly mediaName: string
}

export const ACCESS_DENIED = [403, { type: 'forbidden', description: 'Access Denied' }]
export const NOT_THERE = [404, { type: 'not-found', description: 'Media not found' }]

/** Status and body of an answer in JSON. */
export async function told(answer: Response | Promise<Response>): Promise<[number, unknown]> {
  const { status, ...rest } = await Promise.resolve(answer).then(async each => ({
    status: each.status,
    body: await each.json(),
  }))
  return [status, rest.body]
}

/** Asks a gateway, which may be started later, as clients of Bandwidth do; as its administrator without another credential. */
export function bandwidthTools(gatewayOf: () => TestApp) {
  const call = (method: string, path: string, { headers = {}, body, authorization = ADMIN }: Ask = {}) => {
    const sent = { ...headers, ...(authorization === null ? {} : { authorization }) } as Record<
      string,
      string
    >
    return fetch(gatewayOf().url + path, { method, headers: sent, body, duplex: 'half' } as RequestInit)
  }
  const list = async (ask?: Ask): Promise<Item[]> => (await (await call('GET', LIST, ask)).json()) as Item[]
  return {
    call,
    list,
    put: async (name: string, body: BodyInit, ask: Ask = {}) =>
      (await call('PUT', `${LIST}/${name}`, { ...ask, body })).status,
    get: (name: string, ask?: Ask) => call('GET', `${LIST}/${name}`, ask),
    remove: async (name: string, ask?: Ask) => (await call('DELETE', `${LIST}/${name}`, ask)).status,
    itemOf: async (name: string) => (await list()).filter(({ mediaName }) => mediaName === name),
    idOf: async (name: string): Promise<string> =>
      (await gatewayOf().query(`query($n: String!) { mediaByName(name: $n) { id } }`, { n: name }))
        .mediaByName?.id,
    /** A key of the account; its Authorization header. */
    async keyOf(scopes: string[], more: object = {}): Promise<string> {
      const { key, secret } = await gatewayOf().app.keys.create({
        accountId: 'acme',
        scopes,
        ...more,
      } as never)
      return `Bearer mgw_${key.id}_${secret}`
    },
  }
}
