import { expect, test } from '@jest/globals'
import { privacyConfig } from '../../src/features/privacy/privacy.config.ts'
import { type StripPolicy, strips } from '../../src/features/privacy/strip-policy.ts'

const parse = (text: string) => privacyConfig.STRIP_ON_PUBLIC.parse(text)

test.each([
  ['on', true, true],
  ['off', false, false],
  ['account:acme=on', true, false],
  ['account:acme=off on', false, true],
  ['on account:acme=off', false, true],
  ['account:acme=on account:b=off off', true, false],
])('%j decides for each account', (text, acme, other) => {
  const parsed = parse(text)
  if (!('value' in parsed)) throw new Error(parsed.allowed)
  const policy: StripPolicy = parsed.value
  expect([strips(policy, 'acme'), strips(policy, 'other')]).toEqual([acme, other])
})

test.each(['yes', 'account:acme', 'account:=on', 'on off', 'account:a=on account:a=off', 'kind:IMAGE=on'])(
  '%j is refused',
  text => {
    expect(parse(text)).toHaveProperty('allowed')
  },
)
