import type { ConfigTable } from '../../platform/config.ts'
import { type SigningKeys, signingKeys } from '../../platform/signing-keys.ts'

export const deliveryConfig = {
  SIGNING_KEYS: {
    default: undefined as SigningKeys | undefined,
    defaultText: 'made once, kept in DATA_DIR',
    about:
      '`kid:secret,…`: the first key signs URLs, all verify; secrets of at least 8 characters, better 32. Required when DATABASE_URL is set.',
    secret: true,
    parse: signingKeys,
  },
} satisfies ConfigTable
