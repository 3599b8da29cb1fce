import { createHmac, timingSafeEqual } from 'node:crypto'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import type { SigningKey, SigningKeys } from '../../../platform/signing-keys.ts'

/** Below this path lie all uploads that are not GraphQL. */
export const UPLOADS = '/uploads'

/**
 * The URLs of a ticket, which are its credential: whoever has one may send the ticket's bytes, and nothing else. Made anew each
 * time, nothing of them is stored. They hold until the ticket ends or its signing key is taken out.
 */
export class TicketUrls {
  constructor(private readonly deps: { readonly keys: SigningKeys; readonly publicUrl: () => string }) {}

  /** Where the ticket's bytes are put, and where tus uploads for it are created: one URL for both. */
  urlOf(ticketId: string): string {
    const [key] = this.deps.keys
    return `${this.deps.publicUrl()}${UPLOADS}/tickets/${ticketId}.${key.kid}.${signature(key, ticketId)}`
  }

  /** The ticket that the last part of such a URL names; null for one that is not ours. */
  idOf(token: string): string | null {
    const [id = '', kid, sig = '', ...more] = token.split('.')
    const key = this.deps.keys.find(candidate => candidate.kid === kid)
    if (!key || more.length > 0 || !isUuid(id)) return null
    const [given, right] = [Buffer.from(sig), Buffer.from(signature(key, id))]
    return given.length === right.length && timingSafeEqual(given, right) ? id : null
  }
}

const signature = ({ kid, secret }: SigningKey, ticketId: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['ticket-1', kid, ticketId]))
    .digest('base64url')
