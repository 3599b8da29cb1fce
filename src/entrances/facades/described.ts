import type { OpenApiDocument } from './facade.ts'

const AT_EVERY_PATH = 'Another method than a path has is refused with 405; Allow names those that it has.'

/** A document as it is served: with what holds at every path of every API, and where its paths are. */
export function described({ info, paths, ...document }: OpenApiDocument, url: string): object {
  return {
    ...document,
    info: { ...info, description: `${info.description} ${AT_EVERY_PATH}` },
    servers: [{ url }],
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, withHead(item)])),
  }
}

/** What can be had can be asked about; each operation has an id of its own. */
function withHead(item: OpenApiDocument['paths'][string]): object {
  const { get } = item
  if (!get) return item
  const description = 'As GET, without the body.'
  return { ...item, head: { ...get, operationId: `${get.operationId}Head`, description } }
}
