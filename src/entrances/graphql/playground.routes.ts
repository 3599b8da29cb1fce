import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'

/** Altair's bundle compiles templates at run time; nothing else of the gateway may. */
const CSP = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Altair's own advertisement, for a part of it that would be fetched from elsewhere. */
const NO_BANNER = '<style>app-banner-container { display: none }</style>'

const FIRST_QUERY = `# Set your key first: "Set Headers" in the left bar, then Authorization: Bearer mgw_<key>_<secret>
query FirstPage {
  mediaItems(first: 20) {
    totalCount
    nodes { id originalFileName kind mimeType size width height createdAt }
  }
}

# Open "Variables" below, add a file under the name "file", and run this one.
mutation Upload($file: Upload!) {
  uploadMedia(input: { file: $file }) {
    media { id originalFileName mimeType size sha256 width height }
    userErrors { code message }
  }
}

# Set the same key under "Subscription URL" in the left bar, as connection parameter "authorization".
subscription Events {
  mediaEvents { type occurredAt cursor media { id originalFileName } }
}
`

/** Altair's renderer is loaded when somebody comes to see the page: it would take 8 MB of every gateway's memory. */
async function renderPage(prefix: string): Promise<string> {
  const { renderAltair } = await import('altair-static')
  const page = renderAltair({
    baseURL: `${prefix}/playground/`,
    endpointURL: `${prefix}/graphql`,
    subscriptionsEndpoint: `${prefix}/graphql`,
    initialSubscriptionRequestHandlerId: 'graphql-ws',
    initialSubscriptionsPayload: { authorization: 'Bearer mgw_<key>_<secret>' },
    initialQuery: FIRST_QUERY,
    // Without the second one uploads would be refused, as those of other sites are.
    initialHeaders: { Authorization: 'Bearer mgw_<key>_<secret>', 'Apollo-Require-Preflight': 'true' },
    disableAccount: true,
  })
  return page.replace('</head>', `${NO_BANNER}</head>`)
}

/** `/playground`: an offline GraphQL IDE with file upload; `/` leads there. A prefix is what a proxy takes away ahead of us. */
export function playgroundRoutes(prefix: () => string): FastifyPluginAsync {
  return async scope => {
    let page: Promise<string> | undefined
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', CSP)
    })
    scope.get('/', (_request, reply) => reply.redirect(`${prefix()}/playground`))
    for (const path of ['/playground', '/playground/']) {
      scope.get(path, async (_request, reply) => {
        page ??= renderPage(prefix())
        return reply.type('text/html; charset=utf-8').send(await page)
      })
    }
    await scope.register(fastifyStatic, {
      root: fileURLToPath(new URL('dist', import.meta.resolve('altair-static'))),
      prefix: '/playground/',
      index: false,
      decorateReply: false,
    })
  }
}
