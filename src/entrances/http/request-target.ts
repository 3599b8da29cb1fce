import type { IncomingMessage } from 'node:http'

const ABSOLUTE_FORM = /^https?:\/\/(?:[^/?#@]*@)?(?<host>[^/?#@]+)(?<rest>(?:[/?][^#]*)?)$/i

/** A request as a server is asked that is no proxy. */
export interface Target {
  /** Path and query, not decoded. */
  readonly url: string
  /** The host that is asked, in the place of what Host says; absent where the target names none. */
  readonly host?: string
}

/**
 * What a request is for, whichever form its target has: a server has to take the absolute one as well, and then not to look at Host (RFC
 * 9112, 3.2.2). What is none of both is given back as it is, to be refused by the router.
 */
export function targetOf({ url = '' }: Pick<IncomingMessage, 'url'>): Target {
  if (url.startsWith('/') || !URL.canParse(url)) return { url }
  const { host, rest = '' } = ABSOLUTE_FORM.exec(url)?.groups ?? {}
  if (host === undefined) return { url }
  return { url: rest.startsWith('/') ? rest : `/${rest}`, host }
}

/** Lets every reader of the request see its path and query alone, and the host that is asked. */
export function inOriginForm(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const { url, host } = targetOf(request)
  if (host !== undefined) request.headers.host = host
  return url
}
