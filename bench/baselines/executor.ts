import { createServer, type IncomingMessage } from 'node:http'
import { ApolloServer, HeaderMap } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import { createApp } from '../../dist/app.js'
import { loadConfig } from '../../dist/config.js'
import { compiledAnswer, QueryCompiler } from '../../dist/entrances/graphql/query-compiler.js'
import { listen } from './listen.ts'

/** The gateway's schema on Apollo Server and node:http, for one principal: no credential is looked at, nothing limited or logged. */
const [accountId] = process.argv.slice(2)
const app = await createApp(loadConfig(process.env))
const { schema } = app
const compiler = new QueryCompiler({ schema, hitsBefore: 20 })
const apollo = new ApolloServer({
  schema,
  plugins: [
    ApolloServerPluginCacheControlDisabled(),
    {
      requestDidStart: async () => ({ responseForOperation: request => compiledAnswer(compiler, request) }),
    },
  ],
})
await apollo.start()
const viewer = {
  kind: 'principal',
  accountId,
  name: 'key:bench',
  scopes: new Set(['*']),
  ownerId: null,
  groupIds: [],
  applicationId: null,
  acl: null,
}

function headersOf({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) map.set(name, String(value))
  return map
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

listen(
  createServer(async (request, response) => {
    const { body, headers } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        headers: headersOf(request),
        search: '',
        body: await bodyOf(request),
      },
      context: async () => ({ viewer }),
    })
    const text = body.kind === 'complete' ? body.string : ''
    headers.set('content-length', String(Buffer.byteLength(text)))
    response.writeHead(200, Object.fromEntries(headers)).end(text)
  }),
  () => app.close(),
)
