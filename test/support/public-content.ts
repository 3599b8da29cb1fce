import type { TestApp } from './app.ts'
import { fixture } from './fixtures.ts'

const photo = fixture('photo-gps.jpg').bytes()

export const contentOf = (id: string): string => `/media/${id}/content`
export const etagOf = (answer: { told(name: string): string | null }): string => answer.told('etag') ?? ''

/** Brings media to a gateway that strips what is public, and looks at what leaves; it may be started later. */
export function publicContentTools(gatewayOf: () => TestApp) {
  return {
    /** The id of a media; of a photo that tells its place, without other bytes. */
    async upload(
      input: Record<string, unknown> = {},
      bytes: Buffer = photo,
      fileName = 'photo.jpg',
    ): Promise<string> {
      const { media, userErrors } = await gatewayOf().upload({ bytes, fileName }, input, 'id')
      expect(userErrors).toEqual([])
      return media.id
    },
    async ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
      const answer = await fetch(new URL(path, gatewayOf().url), { method, headers, redirect: 'manual' })
      const body = Buffer.from(await answer.arrayBuffer())
      const told = (name: string) => answer.headers.get(name)
      return {
        status: answer.status,
        body,
        told,
        code: answer.status < 400 ? null : JSON.parse(body.toString() || '{}').error?.code,
      }
    },
    risksOf: async (client: Pick<TestApp, 'query'>, id: string) =>
      (await client.query('query R($id: ID!) { media(id: $id) { publicRisks } }', { id })).media.publicRisks,
  }
}
