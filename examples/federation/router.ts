import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import type { Subgraph } from './articles.ts'

export interface Member {
  readonly name: string
  readonly url: string
}

export interface RouterOptions {
  readonly members: readonly Member[]
  /** Credential for asking the subgraphs what they are; the media gateway answers nobody without one. */
  readonly authorization: string
  /** 0 takes a free one. */
  readonly port: number
}

/** Composes the subgraphs into one graph and serves it with Hive Gateway; rejects with what does not fit together. */
export async function startRouter({ members, authorization, port }: RouterOptions): Promise<Subgraph> {
  const supergraph = await compose(members, authorization)
  const gateway = createGatewayRuntime({
    supergraph,
    logging: 'warn',
    // The gateway tells no secrets in its errors, and what it says is meant for the client.
    maskedErrors: false,
    // Who asks the graph is who asks each subgraph: the media gateway decides what they may see.
    propagateHeaders: {
      fromClientToSubgraphs({ request }) {
        const credential = request.headers.get('authorization')
        return credential ? { authorization: credential } : undefined
      },
    },
  })
  const server = createServer(gateway)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await gateway[Symbol.asyncDispose]()
    },
  }
}

async function compose(members: readonly Member[], authorization: string): Promise<string> {
  const services = await Promise.all(
    members.map(async member => ({ ...member, typeDefs: parse(await sdlOf(member.url, authorization)) })),
  )
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'))
  return supergraphSdl
}

/** What a subgraph says of itself (`_service` of the federation specification). */
async function sdlOf(url: string, authorization: string): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  })
  const { data, errors } = (await answer.json()) as { data?: { _service: { sdl: string } }; errors?: unknown }
  if (!data) throw new Error(`${url} does not say what it is: ${JSON.stringify(errors)}`)
  return data._service.sdl
}
