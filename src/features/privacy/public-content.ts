import type { Sql } from '../../platform/db/database.ts'
import type { Asker } from '../access/grant.ts'
import type { FoundContent } from '../delivery/content-finder.ts'
import type { Deliverable, DeliverableContent } from '../delivery/deliverable.ts'
import type { ContentFinder } from '../delivery/delivery.service.ts'
import type { FileFacts } from '../insight/file-facts.ts'
import { contentWithheld } from './privacy.errors.ts'
import { tellsDevice, tellsOwner, tellsPlace } from './public-risk.ts'
import { redactedBytes } from './redacted-bytes.ts'
import { REDACTION_METHOD, redactabilityOf } from './redaction/redactors.ts'
import type { Redactions } from './redactions.ts'

interface StoredContents {
  findContent(
    asker: Asker,
    mediaId: string,
    version?: number,
  ): Promise<FoundContent | Exclude<Deliverable, DeliverableContent> | null>
}

/**
 * Decides in which form content leaves, for every door alike. Where the policy holds for the account, a public media has two:
 * who may read the media gets the bytes as they were uploaded, for themselves alone; who is let in because it is public, with a grant
 * or without, gets them redacted. What is not public leaves as it is: somebody who may has handed it out.
 */
export class PublicContent implements ContentFinder {
  constructor(
    private readonly deps: {
      readonly contents: StoredContents
      readonly redactions: Pick<Redactions, 'of'>
      readonly database: Sql
      readonly strips: (accountId: string) => boolean
    },
  ) {}

  /** Rejects with CONTENT_WITHHELD for what cannot be redacted and may have to be. */
  async findContent(asker: Asker, mediaId: string, version?: number): Promise<Deliverable | null> {
    const content = await this.deps.contents.findContent(asker, mediaId, version)
    if (content?.state !== 'live' || !content.public || !this.deps.strips(content.accountId)) return content
    if (content.forReaders) return { ...content, public: false, varies: true }
    return this.#redacted(content)
  }

  async #redacted(content: FoundContent): Promise<DeliverableContent> {
    const varied = { ...content, varies: true }
    const redactability = redactabilityOf(content.mimeType)
    if (redactability === 'plain') return varied
    if (redactability === 'doubtful') {
      if (await this.#tellsNothing(content)) return varied
      throw contentWithheld()
    }
    const { patches, foundAt } = await this.deps.redactions.of(content)
    if (!patches) throw contentWithheld()
    if (patches.length === 0) return varied
    return {
      ...varied,
      etag: `${content.etag}-r${REDACTION_METHOD}`,
      // These bytes came to be later: whoever has the original of that time must not hear that it is unchanged.
      contentUpdatedAt: foundAt > content.contentUpdatedAt ? foundAt : content.contentUpdatedAt,
      rewrite: (bytes, start) => redactedBytes(bytes, start, patches),
    }
  }

  /** What nobody has looked into may tell anything, and so may what could not be looked through to its end. */
  async #tellsNothing({ mediaId, contentVersion }: FoundContent): Promise<boolean> {
    const [row] = await this.deps.database.query<{ facts: FileFacts | null }>(
      `SELECT facts FROM media WHERE id = $1 AND content_version = $2`,
      [mediaId, contentVersion],
    )
    const facts = row?.facts
    return facts?.searched === true && ![tellsPlace, tellsDevice, tellsOwner].some(tells => tells(facts))
  }
}
