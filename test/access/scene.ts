import type { TestApp } from '../support/app.ts'
import { ecPair } from '../support/jwt.ts'
import type { Stage } from './row.ts'

type Part = Partial<Stage>
type Made = Pick<Stage, 'url' | 'annas' | 'legalHoldId'> & Part

/** How each part of a stage is made; `made` holds those that stand above it. */
const PARTS = {
  async media({ gateway, annas, count }) {
    const mediaName = `media ${count}`
    const { media } = await gateway.as(annas).upload({ bytes: Buffer.from('content') }, { name: mediaName })
    const [{ number: mediaNumber, hash: mediaHash }] = (await gateway.app.foundation.database.query(
      'SELECT number, hash FROM media WHERE id = $1',
      [media.id],
    )) as [{ number: number; hash: string }]
    return { mediaId: media.id, mediaName, mediaNumber, mediaHash }
  },
  async shareLink({ gateway, annas, made }) {
    const { createShareLink } = await gateway
      .as(annas)
      .query(
        `mutation S($id: ID!) { createShareLink(input: { mediaId: $id, expiresIn: 600 }) { shareLink { id } url } }`,
        { id: made.mediaId },
      )
    return { shareLinkId: createShareLink.shareLink.id, shareToken: createShareLink.url.split('/s/')[1] }
  },
  async picture({ gateway, annas }) {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    return { pictureId: (await gateway.as(annas).upload({ bytes: svg })).media.id }
  },
  async deleted({ gateway, annas }) {
    const anna = gateway.as(annas)
    const { media } = await anna.upload({ bytes: Buffer.from('deleted') })
    await anna.query(`mutation { deleteMedia(input: { id: "${media.id}" }) { deletedMediaId } }`)
    return { deletedId: media.id }
  },
  async purged({ gateway, annas }) {
    const anna = gateway.as(annas)
    const { media } = await anna.upload({ bytes: Buffer.from('purged') })
    await anna.query(`mutation { deleteMedia(input: { id: "${media.id}", permanent: true }) { purgedAt } }`)
    return { purgedId: media.id }
  },
  async collection({ gateway, annas }) {
    const { createCollection } = await gateway
      .as(annas)
      .query(`mutation { createCollection(input: { name: "C" }) { collection { id } } }`)
    return { collectionId: createCollection.collection.id }
  },
  async key({ gateway }) {
    const { key } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['admin'] })
    return { keyId: `key_${key.id}` }
  },
  async application({ gateway }) {
    const made = { accountId: 'acme', publicKey: ecPair().pem, scopes: ['media:read'] } as const
    return { applicationId: (await gateway.app.applications.create(made)).id }
  },
  async webhook({ gateway }) {
    await gateway.app.foundation.database.query('DELETE FROM webhook')
    const { createWebhook } = await gateway.query(
      `mutation { createWebhook(input: { url: "https://hooks.example.com/" }) { webhook { id } } }`,
    )
    return { webhookId: createWebhook.webhook.id }
  },
} satisfies Record<string, (tools: Tools) => Promise<Part>>
type PartName = keyof typeof PARTS
const NAMES = Object.keys(PARTS) as PartName[]

/** What goes with another part. */
const NEEDS: Partial<Record<PartName, PartName>> = { shareLink: 'media' }

interface Tools {
  readonly gateway: TestApp
  readonly annas: string
  /** Another one each time. */
  readonly count: number
  readonly made: Made
}

type Given = Pick<Tools, 'gateway' | 'annas'> & { readonly legalHoldId: string }

let count = 0

/** A stage whose parts stand until they are renewed; it knows which of them were in use. */
export class Scene {
  readonly #given: Given
  readonly #standing = new Map<PartName, Part>()
  readonly #used = new Set<PartName>()

  constructor(given: Given) {
    this.#given = given
  }

  /** All parts, those that are missing made; what has been used is counted from now on. */
  async stage(): Promise<Stage> {
    const { gateway, annas, legalHoldId } = this.#given
    const stage: Made = { url: gateway.url, annas, legalHoldId }
    for (const name of NAMES) {
      let part = this.#standing.get(name)
      if (!part) {
        part = await PARTS[name]({ gateway, annas, count: count++, made: { ...stage } })
        this.#standing.set(name, part)
      }
      for (const [key, value] of Object.entries(part))
        Object.defineProperty(stage, key, { enumerable: true, get: () => this.#use(name, value) })
    }
    this.#used.clear()
    return stage as Stage
  }

  /** Parts that were used are made anew, but for `kept`. */
  renewUsed(kept?: PartName): void {
    for (const name of NAMES) {
      const needed = NEEDS[name]
      if (this.#used.has(name) || (needed && this.#used.has(needed)))
        if (name !== kept) this.#standing.delete(name)
    }
  }

  #use<T>(name: PartName, value: T): T {
    this.#used.add(name)
    return value
  }
}
