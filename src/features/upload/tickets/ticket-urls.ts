import { isUuid } from '../../../platform/lib/uuid7.ts'
import {
  isSignature,
  type SigningKey,
  type SigningKeys,
  signatureOf,
} from '../../../platform/signing-keys.ts'

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
    return isSignature(sig, signature(key, id)) ? id : null
  }
}

const signature = (key: SigningKey, ticketId: string): string =>
  signatureOf(key, ['ticket-1', key.kid, ticketId])
