import { ADMIN, type TestApp } from '../support/app.ts'
import { changeTools, text } from '../support/changes.ts'
import { multipart } from '../support/gql.ts'
import { ecPair } from '../support/jwt.ts'
import { replaceContent } from '../support/replace.ts'
import { complete, put, ticketFor } from '../support/tickets.ts'

/** Prepares, and gives the change itself with the subject that must be recorded; null is a new thing's. */
type Case = readonly [
  action: string,
  prepare: () => Promise<readonly [subject: string | null, act: () => Promise<unknown>]>,
]

/** Every mutation of the schema at a gateway, which may be started later. */
export function recordedMutations(gatewayOf: () => TestApp): Readonly<Record<string, Case>> {
  const { mutate, newMedia, newCollection, newKey, newApplication, newLink, newHold, newWebhook } =
    changeTools(gatewayOf)
  return {
    uploadMedia: ['media.created', async () => [null, newMedia]],
    uploadMediaBatch: [
      'media.created',
      async () => [
        null,
        () =>
          fetch(`${gatewayOf().url}/graphql`, {
            method: 'POST',
            headers: { authorization: ADMIN, 'apollo-require-preflight': 'true' },
            body: multipart(
              `mutation U($input: UploadMediaBatchInput!) { uploadMediaBatch(input: $input) { results { media { id } } } }`,
              { input: { items: [{ file: null }] } },
              { 'variables.input.items.0.file': text('batch') },
            ),
          }),
      ],
    ],
    replaceMediaContent: [
      'media.replaced',
      async () => {
        const id = await newMedia()
        return [
          id,
          () => replaceContent({ url: gatewayOf().url, authorization: ADMIN }, text('other'), { id }),
        ]
      },
    ],
    importMedia: [
      'media.created',
      async () => [null, () => mutate(`importMedia(input: { url: "http://127.0.0.1:9/x" })`, 'media { id }')],
    ],
    createUpload: ['uploadTicket.created', async () => [null, () => ticketFor(gatewayOf())]],
    completeUpload: [
      'media.created',
      async () => {
        const { id, putUrl } = await ticketFor(gatewayOf())
        await put(putUrl, Buffer.from('by ticket'))
        return [null, () => complete(gatewayOf(), id)]
      },
    ],
    updateMedia: [
      'media.updated',
      async () => {
        const id = await newMedia()
        return [id, () => mutate(`updateMedia(input: { id: "${id}", title: "canary" })`, 'media { id }')]
      },
    ],
    updateMediaBatch: [
      'media.updated',
      async () => {
        const id = await newMedia()
        return [
          id,
          () =>
            mutate(
              `updateMediaBatch(input: { items: [{ id: "${id}", title: "canary" }] })`,
              'results { media { id } }',
            ),
        ]
      },
    ],
    deleteMedia: [
      'media.deleted',
      async () => {
        const id = await newMedia()
        return [id, () => mutate(`deleteMedia(input: { id: "${id}" })`, 'deletedMediaId')]
      },
    ],
    deleteMediaBatch: [
      'media.deleted',
      async () => {
        const id = await newMedia()
        return [id, () => mutate(`deleteMediaBatch(input: { ids: ["${id}"] })`, 'results { deletedMediaId }')]
      },
    ],
    restoreMedia: [
      'media.restored',
      async () => {
        const id = await newMedia()
        await mutate(`deleteMedia(input: { id: "${id}" })`, 'deletedMediaId')
        return [id, () => mutate(`restoreMedia(input: { id: "${id}" })`, 'media { id }')]
      },
    ],
    reprocessMedia: [
      'media.reprocessed',
      async () => {
        const id = await newMedia()
        return [id, () => mutate(`reprocessMedia(input: { ids: ["${id}"] })`, 'results { media { id } }')]
      },
    ],
    applyLegalHold: ['media.held', async () => [null, newHold]],
    releaseLegalHold: [
      'media.released',
      async () => {
        const id = await newHold()
        return [null, () => mutate(`releaseLegalHold(input: { id: "${id}" })`, 'legalHold { id }')]
      },
    ],
    createShareLink: ['shareLink.created', async () => [null, newLink]],
    revokeShareLink: [
      'shareLink.revoked',
      async () => {
        const id = await newLink()
        return [id, () => mutate(`revokeShareLink(input: { id: "${id}" })`, 'shareLink { id }')]
      },
    ],
    createCollection: ['collection.created', async () => [null, newCollection]],
    updateCollection: [
      'collection.updated',
      async () => {
        const id = await newCollection()
        return [
          id,
          () => mutate(`updateCollection(input: { id: "${id}", name: "canary" })`, 'collection { id }'),
        ]
      },
    ],
    deleteCollection: [
      'collection.deleted',
      async () => {
        const id = await newCollection()
        return [id, () => mutate(`deleteCollection(input: { id: "${id}" })`, 'deletedCollectionId')]
      },
    ],
    addToCollection: [
      'collection.mediaAdded',
      async () => {
        const [id, media] = [await newCollection(), await newMedia()]
        return [
          id,
          () =>
            mutate(
              `addToCollection(input: { collectionId: "${id}", mediaIds: ["${media}"] })`,
              'collection { id }',
            ),
        ]
      },
    ],
    removeFromCollection: [
      'collection.mediaRemoved',
      async () => {
        const [id, media] = [await newCollection(), await newMedia()]
        const input = `input: { collectionId: "${id}", mediaIds: ["${media}"] }`
        await mutate(`addToCollection(${input})`, 'collection { id }')
        return [id, () => mutate(`removeFromCollection(${input})`, 'collection { id }')]
      },
    ],
    createApiKey: ['key.created', async () => [null, newKey]],
    rotateApiKey: [
      'key.rotated',
      async () => {
        const id = await newKey()
        return [id, () => mutate(`rotateApiKey(input: { id: "${id}" })`, 'apiKey { id }')]
      },
    ],
    revokeApiKey: [
      'key.revoked',
      async () => {
        const id = await newKey()
        return [id, () => mutate(`revokeApiKey(input: { id: "${id}" })`, 'apiKey { id }')]
      },
    ],
    createApplication: [
      'application.created',
      async () => [
        null,
        () =>
          gatewayOf().query(
            `mutation A($pem: String!) { createApplication(input: { name: "canary", publicKey: $pem }) { application { id } } }`,
            { pem: ecPair().pem },
          ),
      ],
    ],
    revokeApplication: [
      'application.revoked',
      async () => {
        const { id } = await newApplication()
        return [id, () => mutate(`revokeApplication(input: { id: "${id}" })`, 'application { id }')]
      },
    ],
    createWebhook: ['webhook.created', async () => [null, newWebhook]],
    updateWebhook: [
      'webhook.updated',
      async () => {
        const id = await newWebhook()
        return [id, () => mutate(`updateWebhook(input: { id: "${id}", enabled: true })`, 'webhook { id }')]
      },
    ],
    deleteWebhook: [
      'webhook.deleted',
      async () => {
        const id = await newWebhook()
        return [id, () => mutate(`deleteWebhook(input: { id: "${id}" })`, 'deletedWebhookId')]
      },
    ],
    rotateWebhookSecret: [
      'webhook.secretRotated',
      async () => {
        const id = await newWebhook()
        return [id, () => mutate(`rotateWebhookSecret(input: { id: "${id}" })`, 'webhook { id }')]
      },
    ],
    testWebhook: [
      'webhook.tested',
      async () => {
        const id = await newWebhook()
        return [id, () => mutate(`testWebhook(input: { id: "${id}" })`, 'delivery { id }')]
      },
    ],
    redeliverWebhook: [
      'webhook.redelivered',
      async () => {
        const id = await newWebhook()
        return [id, () => mutate(`redeliverWebhook(input: { id: "${id}" })`, 'count')]
      },
    ],
  }
}
