import type { TestApp } from './app.ts'
import { ecPair } from './jwt.ts'

/** A file to be uploaded. */
export const text = (content: string) => ({
  bytes: Buffer.from(content),
  fileName: 'f.txt',
  mimeType: 'text/plain',
})

/** Makes one of each thing that a gateway, which may be started later, has mutations for; what people would write there is `canary`. */
export function changeTools(gatewayOf: () => TestApp) {
  /** The payload of a mutation. */
  const mutate = async (call: string, result: string) =>
    (await gatewayOf().query(`mutation { answer: ${call} { ${result} userErrors { code message } } }`)).answer
  /** No other media has its content. */
  const newMedia = async (): Promise<string> =>
    (await gatewayOf().upload(text(`content ${Math.random()}`))).media.id
  return {
    mutate,
    newMedia,
    newCollection: async (): Promise<string> =>
      (await mutate('createCollection(input: { name: "canary" })', 'collection { id }')).collection.id,
    newKey: async (): Promise<string> =>
      (await mutate('createApiKey(input: { scopes: ["media:read"] })', 'apiKey { id }')).apiKey.id,
    newApplication: () => gatewayOf().app.applications.create({ accountId: 'acme', publicKey: ecPair().pem }),
    newLink: async (): Promise<string> =>
      (
        await mutate(
          `createShareLink(input: { mediaId: "${await newMedia()}", expiresIn: 60 })`,
          'shareLink { id }',
        )
      ).shareLink.id,
    newHold: async (): Promise<string> =>
      (
        await mutate(
          `applyLegalHold(input: { mediaId: "${await newMedia()}", reason: "canary" })`,
          'legalHold { id }',
        )
      ).legalHold.id,
    newWebhook: async (): Promise<string> =>
      (await mutate('createWebhook(input: { url: "http://127.0.0.1:9/hook" })', 'webhook { id }')).webhook.id,
  }
}
