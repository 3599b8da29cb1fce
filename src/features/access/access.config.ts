import { type ConfigTable, type Parsed, text } from '../../platform/config.ts'
import type { BootstrapKey } from './key.service.ts'

const BOOTSTRAP = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_.-]{1,64}):([0-9A-Za-z]{1,256})$/

function bootstrapKey(input: string): Parsed<BootstrapKey> {
  const [, accountId, keyId, secret] = BOOTSTRAP.exec(input) ?? []
  if (!accountId || !keyId || !secret) {
    return {
      allowed: 'account:key:secret; names of letters, digits, "-" and "_", a secret of letters and digits',
    }
  }
  return { value: { accountId, keyId, secret } }
}

export const accessConfig = {
  BOOTSTRAP_API_KEY: {
    default: undefined as BootstrapKey | undefined,
    defaultText: 'none',
    about: '`account:key:secret`: makes sure at start that this admin key exists (tests, containers).',
    secret: true,
    parse: bootstrapKey,
  },
  KEY_PEPPER: {
    default: undefined as string | undefined,
    defaultText: 'made once, kept in DATA_DIR',
    about:
      'Keys the hashes of API secrets; at least 8 characters, better 32. Required when DATABASE_URL is set.',
    secret: true,
    parse: text(/^.{8,}$/, 'at least 8 characters, better 32'),
  },
} satisfies ConfigTable
