import type { Config } from './config.ts'
import type { AdmissionObserver } from './entrances/http/admission.metrics.ts'
import { Admission } from './entrances/http/admission.ts'
import { RequestLimits } from './entrances/http/rate-limit.ts'
import { Authenticator } from './features/access/authenticator.ts'
import { ApplicationService } from './features/access/jwt/application.service.ts'
import { ApplicationTokens } from './features/access/jwt/application.tokens.ts'
import { IssuerTokens } from './features/access/jwt/issuer.tokens.ts'
import { issuerKeys } from './features/access/jwt/issuer-keys.ts'
import { JwtTokens } from './features/access/jwt/jwt.tokens.ts'
import { KnownOwners } from './features/access/jwt/known-owners.ts'
import { KeyService } from './features/access/key.service.ts'
import { KeySecrets, OpaqueTokens } from './features/access/key-secrets.ts'
import { KeyUsage } from './features/access/key-usage.ts'
import { SecretHashes } from './features/access/secret-hashes.ts'
import { LoginFailures } from './features/limits/login-failures.ts'
import { LoginThrottle } from './features/limits/login-throttle.ts'
import { WindowCounter } from './features/limits/window-counter.ts'
import type { Foundation } from './foundation.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

/** Who asks, and how often they may: credentials, their limits, and their administration. */
export interface CredentialParts {
  readonly hashes: SecretHashes
  readonly keys: KeyService
  readonly applications: ApplicationService
  readonly authenticator: Authenticator
  readonly admission: Admission
  readonly jobs: readonly JobKind[]
  close(): Promise<void>
}

export function composeCredentials(
  config: Config,
  { log, clock, newId, database, pepper }: Foundation,
  observe: { readonly admission: AdmissionObserver },
): CredentialParts {
  const hashes = new SecretHashes({ pepper })
  const usage = new KeyUsage({
    database,
    onLost: error => log.warn({ err: error }, 'when keys were used last could not be written'),
  })
  const secrets = { database, hashes, usage }
  const owners = new KnownOwners({ database, newId })
  const jwts = new JwtTokens({
    signers: [
      ...config.JWT_ISSUERS.map(
        issuer => new IssuerTokens({ issuer, keys: issuerKeys(issuer), owners, clock }),
      ),
      new ApplicationTokens({ database, clock, audience: config.PUBLIC_URL }),
    ],
  })
  const authenticator = new Authenticator({
    keys: new KeySecrets(secrets),
    tokens: [new OpaqueTokens(secrets), jwts],
    clock,
  })
  const { login } = config.RATE_LIMIT
  const failures = login && new LoginFailures({ database, rate: login })
  const logins =
    failures &&
    new LoginThrottle({
      failures,
      insurance: new WindowCounter({ rate: login, clock }),
      clock,
      onError: error => log.warn({ err: error }, 'failed logins are counted by this node alone'),
    })
  const limits = new RequestLimits({ rates: config.RATE_LIMIT, clock })
  return {
    hashes,
    keys: new KeyService({ database, hashes, newId, clock }),
    applications: new ApplicationService({ database, newId }),
    authenticator,
    admission: new Admission({ authenticator, logins, limits, observer: observe.admission }),
    jobs: [{ name: 'logins.forget', cron: '23 * * * *', run: async () => void (await failures?.forget()) }],
    close: () => usage.flush(),
  }
}
