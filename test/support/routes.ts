import type { App } from '../../src/app.ts'

/** Methods and paths as the server itself lists them. CORS preflights are no routes of ours. */
export async function routesOf(app: App): Promise<string[]> {
  const server = await app.createServer({ draining: () => false })
  await server.ready()
  const lines = server.printRoutes({ commonPrefix: false }).split('\n')
  await server.close()
  const path: string[] = []
  return lines.flatMap(line => {
    const [, indent = '', segment = '', methods = ''] =
      /^((?:│ {3}| {4})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
    path.splice(indent.length / 4, Infinity, segment)
    return methods ? methods.split(', ').map(method => `${method} ${path.join('')}`) : []
  })
}
