import type { TestApp } from './app.ts'
import { fixture } from './fixtures.ts'

export interface Image {
  readonly url: string
  readonly width: number | null
  readonly height: number | null
  readonly format: string | null
}

export const IMAGE = `query I($id: ID!, $transform: ImageTransform, $preset: String, $disposition: Disposition! = INLINE) {
  media(id: $id) { image(transform: $transform, preset: $preset, disposition: $disposition) { url width height format } } }`

/** The code of a refusal. */
export const codeOf = ({ body }: { readonly body: Buffer }) => JSON.parse(body.toString()).error.code

/** Asks a gateway, which may be started later, for pictures, and fetches them. */
export function pictureTools(gatewayOf: () => TestApp) {
  const sql = <Row>(statement: string, values: unknown[] = []) =>
    gatewayOf().app.foundation.database.query<Row>(statement, values)
  /** As it is reached here, whatever the origin of its URL. */
  const here = (url: string): string => gatewayOf().url + new URL(url).pathname + new URL(url).search
  const image = async (id: string, transform?: object, more: object = {}): Promise<Image> =>
    (await gatewayOf().query(IMAGE, { id, transform, ...more })).media.image
  return {
    sql,
    /** The id of the media. */
    async uploaded(file: string, input: Record<string, unknown> = {}): Promise<string> {
      const { media, userErrors } = await gatewayOf().upload(
        { bytes: fixture(file).bytes(), fileName: file },
        input,
      )
      expect(userErrors).toEqual([])
      return media.id
    },
    image,
    /** The path and query of a picture's URL. */
    async pathOf(id: string, transform: object): Promise<string> {
      const { pathname, search } = new URL((await image(id, transform)).url)
      return pathname + search
    },
    async fetched(url: string, headers: Record<string, string> = {}, method = 'GET') {
      const answer = await fetch(here(url), { headers, method })
      const body = Buffer.from(await answer.arrayBuffer())
      return { status: answer.status, headers: answer.headers, body }
    },
    /** Those of the present content. */
    async variantsOf(id: string) {
      await gatewayOf().app.pictures.variants.settled()
      return sql<{ recipe: string; state: string }>(
        `SELECT v.recipe, b.state FROM variant v JOIN blob b ON b.id = v.blob_id
         WHERE v.sha256 = (SELECT sha256 FROM media WHERE id = $1) ORDER BY 1`,
        [id],
      )
    },
    /** Once all that was sent lies in the store. */
    kept: () => gatewayOf().app.pictures.variants.settled(),
  }
}
