import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startAzurite } from './azurite.ts'
import { type CephRgw, cephRgwAt, type RgwAddress, startCephRgw } from './ceph-rgw.ts'

/** Servers that take so long to start, and so much memory, that the test files of a run share one of each. */
const SERVERS = {
  'ceph-rgw': startCephRgw,
  azurite: startAzurite,
} satisfies Record<string, () => Promise<object & AsyncDisposable>>

type Name = keyof typeof SERVERS
type Server = Awaited<ReturnType<(typeof SERVERS)[Name]>>

const VARIABLE = 'TEST_STORE_SERVERS'

/**
 * Lets the processes of this run ask for servers: each is started when somebody first asks for it, and ends when this is disposed
 * of, or with this process.
 */
export async function shareStoreServers(): Promise<AsyncDisposable> {
  const started = new Map<string, Promise<Server>>()
  const desk = createServer(async (request, response) => {
    const name = request.url?.slice(1) as Name
    const server = started.get(name) ?? SERVERS[name]()
    started.set(name, server)
    // So that a test that counts its sockets, in this process perhaps, does not count this one.
    response.setHeader('connection', 'close')
    try {
      response.end(JSON.stringify(await server))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await once(desk.listen(0, '127.0.0.1'), 'listening')
  desk.unref()
  process.env[VARIABLE] = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`
  return {
    async [Symbol.asyncDispose]() {
      desk.close()
      for (const result of await Promise.allSettled(started.values()))
        if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]()
    },
  }
}

/** The Ceph object store of this run. Buckets that are made in it have names of their own. */
export async function sharedCephRgw(): Promise<CephRgw> {
  return cephRgwAt(await addressOf<RgwAddress>('ceph-rgw'))
}

/** The Azure blob service of this run. Containers that are made in it have names of their own. */
export const sharedAzurite = () => addressOf<{ readonly endpoint: string }>('azurite')

/** What a server tells of itself that JSON can carry. */
async function addressOf<Address>(name: Name): Promise<Address> {
  const answer = await fetch(`${process.env[VARIABLE]}/${name}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the server ${name} cannot be had: ${text}`)
  return JSON.parse(text)
}
