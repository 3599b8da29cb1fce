import { bytes, type ConfigTable, integer, oneOf, type Parsed } from '../../platform/config.ts'
import type { ClamdAddress } from './conversation.ts'

const ALLOWED = 'unix:/path/of/a/socket or tcp://host:port'

function clamdAddress(input: string): Parsed<ClamdAddress> {
  const [, path] = /^unix:(\/[^\0]+)$/.exec(input) ?? []
  if (path !== undefined) return { value: { path } }
  const [, v6, name, port] = /^tcp:\/\/(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(input) ?? []
  const host = v6 ?? name
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return { allowed: ALLOWED }
  return { value: { host, port: Number(port) } }
}

export const scanConfig = {
  CLAMAV_URL: {
    default: undefined as ClamdAddress | undefined,
    defaultText: 'no scan',
    about:
      "Where clamd listens, which looks through every new content: `unix:/path` or `tcp://host:port`, which is not encrypted. What came before it was set stays `NOT_CONFIGURED`. clamd's `AlertExceedsMax` must be on: without it clamd says of what is packed beyond its limits that it is clean.",
    parse: clamdAddress,
  },
  SCAN_POLICY: {
    default: undefined as 'closed' | 'open' | undefined,
    defaultText: '`closed` with CLAMAV_URL, otherwise `open`',
    about:
      'What becomes of contents that wait for their scan, or could not be scanned: `closed` refuses them, `open` delivers them. What is infected is never delivered.',
    parse: oneOf('closed', 'open'),
  },
  SCAN_INFECTED: {
    default: 'keep' as 'keep' | 'delete',
    about:
      'What becomes of infected contents: `keep` leaves them where they are, not delivered; `delete` puts their media into the trash, and removes at once what is no present content. A legal hold keeps both.',
    parse: oneOf('keep', 'delete'),
  },
  SCAN_MAX_BYTES: {
    default: 100 * 2 ** 20,
    defaultText: '100MiB',
    about:
      "Largest content that is scanned; of larger ones `scan` says ERROR. Not more than clamd's MaxFileSize and MaxScanSize: of a larger file it looks at nothing.",
    parse: bytes,
  },
  SCAN_SECONDS: {
    default: 300,
    about: "How long the scan of one content may take in all; more than clamd's MaxScanTime.",
    parse: integer(1, 86_400),
  },
} satisfies ConfigTable
