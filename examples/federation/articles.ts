import { readFile } from 'node:fs/promises'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { buildSubgraphSchema } from '@apollo/subgraph'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import { fastify } from 'fastify'
import { parse } from 'graphql'

export interface Article {
  readonly id: string
  readonly title: string
  readonly authorId: string
  readonly coverMediaId: string
  readonly imageIds: readonly string[]
}

/** A server of the example: where it answers GraphQL, and how it ends. */
export interface Subgraph {
  readonly url: string
  close(): Promise<void>
}

interface Reference {
  readonly id: string
}

const NAMES: Readonly<Record<string, string>> = { anna: 'Anna Weber', ben: 'Ben Okafor' }

/** The second subgraph: articles and their authors, held in memory. It refers to media by id alone. */
export async function startArticles(articles: readonly Article[]): Promise<Subgraph> {
  const server = fastify()
  const apollo = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs: await articlesSchema(), resolvers: resolvers(articles) }]),
    plugins: [fastifyApolloDrainPlugin(server), ApolloServerPluginInlineTraceDisabled()],
    stopOnTerminationSignals: false,
  })
  await apollo.start()
  await server.register(fastifyApollo(apollo))
  const origin = await server.listen({ host: '127.0.0.1', port: 0 })
  return { url: `${origin}/graphql`, close: () => server.close().then(() => undefined) }
}

export const articlesSchema = async () =>
  parse(await readFile(new URL('articles.graphql', import.meta.url), 'utf8'))

function resolvers(articles: readonly Article[]) {
  const media = (id: string) => ({ __typename: 'Media', id })
  const user = ({ id }: Reference) => (NAMES[id] ? { id, name: NAMES[id] } : null)
  return {
    Query: { articles: () => articles },
    Article: {
      __resolveReference: ({ id }: Reference) => articles.find(article => article.id === id) ?? null,
      author: ({ authorId }: Article) => user({ id: authorId }),
      coverMedia: ({ coverMediaId }: Article) => media(coverMediaId),
      images: ({ imageIds }: Article) => imageIds.map(media),
    },
    Media: {
      __resolveReference: (reference: Reference) => reference,
      usedIn: ({ id }: Reference) =>
        articles.filter(article => [article.coverMediaId, ...article.imageIds].includes(id)),
    },
    User: {
      __resolveReference: user,
      articles: ({ id }: Reference) => articles.filter(({ authorId }) => authorId === id),
    },
  }
}
