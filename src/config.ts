import { resolve } from 'node:path'
import { facadesConfig } from './entrances/facades/facades.config.ts'
import { graphqlConfig } from './entrances/graphql/graphql.config.ts'
import { subscriptionConfig } from './entrances/graphql/subscriptions/subscription.config.ts'
import { httpConfig } from './entrances/http/http.config.ts'
import { accessConfig } from './features/access/access.config.ts'
import { issuersConfig } from './features/access/jwt/issuers.config.ts'
import { auditConfig } from './features/audit/audit.config.ts'
import { scrubConfig } from './features/blobs/scrubber/scrub.config.ts'
import { deliveryConfig } from './features/delivery/delivery.config.ts'
import { ffmpegConfig } from './features/insight/ffmpeg.config.ts'
import { limitsConfig } from './features/limits/limits.config.ts'
import { privacyConfig } from './features/privacy/privacy.config.ts'
import { retentionRulesConfig } from './features/retention/expiry/retention-rules.config.ts'
import { retentionConfig } from './features/retention/retention.config.ts'
import { scanConfig } from './features/scan/scan.config.ts'
import { transformConfig } from './features/transform/transform.config.ts'
import { typeRulesConfig } from './features/types/type-rules.config.ts'
import { importConfig } from './features/upload/import/import.config.ts'
import { storeRuleProblems, storeRulesConfig } from './features/upload/stores/store-rules.config.ts'
import { uploadConfig } from './features/upload/upload.config.ts'
import { usageConfig } from './features/usage/usage.config.ts'
import { webhooksConfig } from './features/webhooks/webhooks.config.ts'
import {
  ConfigError,
  type ConfigOf,
  type ConfigTable,
  type Environment,
  printable,
  readTable,
  text,
} from './platform/config.ts'
import { dbConfig } from './platform/db/db.config.ts'
import { eventsConfig } from './platform/events/events.config.ts'
import { faultConfig } from './platform/fault.ts'
import { storageConfig, storeProblems } from './platform/storage/storage.config.ts'
import { tracingConfig } from './platform/tracing/tracing.config.ts'

const dataConfig = {
  DATA_DIR: {
    default: resolve('data'),
    defaultText: '`./data`',
    about: 'Embedded PostgreSQL, the local store, secrets, and the private temp folder.',
    parse: (input: string) => text(/\S/, 'a path')(resolve(input)),
  },
} satisfies ConfigTable

/** Every variable of the program, part by part; the reference in the docs is made from it. */
export const CONFIG_TABLE = {
  ...httpConfig,
  ...dataConfig,
  ...dbConfig,
  ...storageConfig,
  ...accessConfig,
  ...issuersConfig,
  ...deliveryConfig,
  ...privacyConfig,
  ...limitsConfig,
  ...uploadConfig,
  ...storeRulesConfig,
  ...typeRulesConfig,
  ...importConfig,
  ...facadesConfig,
  ...ffmpegConfig,
  ...retentionConfig,
  ...retentionRulesConfig,
  ...usageConfig,
  ...auditConfig,
  ...scanConfig,
  ...scrubConfig,
  ...transformConfig,
  ...eventsConfig,
  ...webhooksConfig,
  ...graphqlConfig,
  ...subscriptionConfig,
  ...tracingConfig,
  ...faultConfig,
} satisfies ConfigTable

export type Config = ConfigOf<typeof CONFIG_TABLE>

/** What nodes on one database must agree on, and so cannot each make for themselves. */
const SHARED_SECRETS = {
  KEY_PEPPER: 'at least 8 characters, better 32',
  SIGNING_KEYS: 'kid:secret, the secret of at least 8 characters, better 32',
} satisfies Partial<Record<keyof Config, string>>

/** The configuration that the environment asks for; throws ConfigError, which names every problem at once. */
export function loadConfig(env: Environment): Config {
  const problems: string[] = []
  const config = readTable(CONFIG_TABLE, env, problems)
  problems.push(...storeProblems(config), ...storeRuleProblems(config))
  for (const [name, allowed] of Object.entries(SHARED_SECRETS)) {
    const isMissing =
      config[name as keyof Config] === undefined && problems.every(line => !line.startsWith(name))
    if (config.DATABASE_URL && isMissing)
      problems.push(`${name} is missing: with DATABASE_URL set, several nodes must share it; give ${allowed}`)
  }
  if (config.PERSISTED_ONLY && !config.PERSISTED_OPERATIONS && !env.PERSISTED_OPERATIONS?.trim())
    problems.push(
      'PERSISTED_OPERATIONS is missing: with PERSISTED_ONLY on, it names the file of what is executed',
    )
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

/** The effective configuration without its secrets, as it is printed at start-up. */
export const printableConfig = (config: Config): Record<string, unknown> => printable(CONFIG_TABLE, config)
