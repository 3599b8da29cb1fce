import type { ConfigTable, Parsed } from '../../platform/config.ts'
import { STRIPS_NOTHING, type StripPolicy } from './strip-policy.ts'

const RULE = /^(?:account:(?<accountId>[\w-]{1,64})=)?(?<strips>on|off)$/

function stripPolicy(input: string): Parsed<StripPolicy> {
  const allowed =
    'on, off, or account:ID=on and account:ID=off parted by blanks, with on or off for all others'
  const accounts = new Map<string, boolean>()
  let others: boolean | undefined
  for (const rule of input.split(/\s+/)) {
    const groups = RULE.exec(rule)?.groups
    if (!groups) return { allowed }
    const isOn = groups.strips === 'on'
    if (groups.accountId === undefined) {
      if (others !== undefined) return { allowed }
      others = isOn
    } else {
      if (accounts.has(groups.accountId)) return { allowed }
      accounts.set(groups.accountId, isOn)
    }
  }
  return { value: { accounts, others: others ?? false } }
}

export const privacyConfig = {
  STRIP_ON_PUBLIC: {
    default: STRIPS_NOTHING,
    defaultText: 'off',
    about:
      'Whether the public gets the content of public media without the place and the device in it; who may read the media itself gets it as uploaded. `on`, `off`, or accounts, such as `account:ID=on`, with `on` or `off` for all others.',
    parse: stripPolicy,
  },
} satisfies ConfigTable
