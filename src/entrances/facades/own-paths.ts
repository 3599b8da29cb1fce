import type { RouteOptions } from 'fastify'

interface OwnPath {
  /** What stands ahead of its first parameter. */
  readonly root: string
  readonly pattern: RegExp
  readonly methods: readonly string[]
  readonly isOpen: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nobody has to say who they are. */
    readonly isOpen?: boolean
  }
}

/** The paths of one API, as its routes have them. A path is given as a request writes it, without its query. */
export class OwnPaths {
  readonly #paths: OwnPath[] = []

  add({ url, method, config }: RouteOptions): void {
    const [root = ''] = url.split(/\/?(?:[:*]|$)/, 1)
    this.#paths.push({
      root,
      pattern: patternOf(url),
      methods: [method].flat(),
      isOpen: config?.isOpen ?? false,
    })
  }

  /** Whether the path is one of them, or below where they begin. */
  has(path: string): boolean {
    return this.#beside(path).length > 0
  }

  /** Whether everything that begins as the path does is for everybody. */
  isOpen(path: string): boolean {
    return this.#beside(path).every(({ isOpen }) => isOpen)
  }

  /** What the path takes; nothing where no route has it. */
  methodsOf(path: string): string[] {
    const having = this.#paths.filter(({ pattern }) => pattern.test(path))
    return [...new Set(having.flatMap(({ methods }) => methods))]
  }

  #beside(path: string): OwnPath[] {
    return this.#paths.filter(({ root }) => path === root || path.startsWith(`${root}/`))
  }
}

/** Of all paths that the router gives to a route. */
function patternOf(url: string): RegExp {
  const literal = url.replaceAll('.', '\\.').replaceAll('*', '.*')
  return new RegExp(`^${literal.replaceAll(/:\w+/g, '[^/]+')}$`)
}
