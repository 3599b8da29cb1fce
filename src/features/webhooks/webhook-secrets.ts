import { createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** A secret as it is shown to who verifies: `whsec_` and 32 bytes in base64 (Standard Webhooks 1.0, "Signature scheme"). */
export type ShownSecret = `whsec_${string}`

export interface SignedMessage {
  readonly id: string
  /** Seconds since 1970, of the attempt. */
  readonly timestamp: number
  readonly body: string
}

/** What tells one secret of a webhook from the others that it has had. It is no secret, and never comes again. */
export const newSalt = (): Buffer => randomBytes(16)

/**
 * The secrets of webhooks, derived by HKDF-SHA-256 (RFC 5869) from KEY_PEPPER, the webhook and a random salt: neither the
 * database nor a copy of it holds what would sign. With another pepper all of them are others.
 */
export class WebhookSecrets {
  constructor(private readonly deps: { readonly pepper: string }) {}

  shown(webhookId: string, salt: Buffer): ShownSecret {
    return `whsec_${this.#key(webhookId, salt).toString('base64')}`
  }

  /** The header `webhook-signature`: one signature for each salt, the first one of the secret that stays. */
  signatures(webhookId: string, salts: readonly Buffer[], { id, timestamp, body }: SignedMessage): string {
    return salts
      .map(salt => {
        const mac = createHmac('sha256', this.#key(webhookId, salt)).update(`${id}.${timestamp}.${body}`)
        return `v1,${mac.digest('base64')}`
      })
      .join(' ')
  }

  #key(webhookId: string, salt: Buffer): Buffer {
    return Buffer.from(hkdfSync('sha256', this.deps.pepper, salt, `webhook ${webhookId}`, 32))
  }
}
