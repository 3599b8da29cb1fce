import type { ConfigTable, Parsed } from '../../platform/config.ts'
import { type AllowedPlaces, allowedPlaces } from '../../platform/net/allowed-places.ts'

/** What is on the internet and speaks https can be reached by everybody anyway. */
const PUBLIC: AllowedPlaces = { everyName: true, names: [], networks: [] }

const RETRY_SECONDS: readonly number[] = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200]

function pauses(input: string): Parsed<readonly number[]> {
  const items = input.split(',').map(item => item.trim())
  const ok = items.length <= 50 && items.every(item => /^\d{1,6}$/.test(item) && Number(item) > 0)
  return ok ? { value: items.map(Number) } : { allowed: 'up to 50 whole numbers of seconds parted by commas' }
}

export const webhooksConfig = {
  WEBHOOKS_TO: {
    default: PUBLIC as AllowedPlaces | null,
    defaultText: '`public`',
    about:
      'Where webhooks may be sent to: `off`, `public` (every name, at its public addresses, by https at port 443), or a list of names ("hooks.example.com", "*.example.com", "host:8443") and networks ("10.1.0.0/16") parted by commas. By http only to what the list names. A name stands for its public addresses: for a host of your own network list its network, too (`hooks.internal:3000,10.1.0.0/16`; on one machine `localhost:3000,127.0.0.0/8`).',
    parse: allowedPlaces,
  },
  WEBHOOK_RETRY_SECONDS: {
    default: RETRY_SECONDS,
    defaultText: `\`${RETRY_SECONDS.join()}\` (a day)`,
    about:
      'Seconds between the attempts to send one event to a webhook, give or take a fifth; behind the last one it is dead until somebody asks for it again.',
    parse: pauses,
  },
} satisfies ConfigTable
