/**
 * What a scanner has said of one content, and nothing else is ever taken for `clean`. The reasons of `error` are words of the step `scan`:
 * trying again with the same bytes and the same scanner would end alike.
 */
export type Verdict =
  | { readonly result: 'clean' }
  | { readonly result: 'infected'; readonly signature: string }
  | { readonly result: 'error'; readonly reason: ScanFailure; readonly detail: string }

export const SCAN_FAILURES = {
  'too-large': 'It is larger than the scanner takes.',
  'over-limits':
    'The scanner has stopped at one of its limits: what is packed in it was not looked at as a whole.',
  'scanner-error': 'The scanner could not scan it.',
  'bad-reply': 'What answered did not speak as a scanner does.',
} as const satisfies Record<string, string>
export type ScanFailure = keyof typeof SCAN_FAILURES

/** Bytes of the longest answer that is believed; a signature's name has some dozens. */
export const LONGEST_REPLY = 1024

/** What clamd calls that it has not looked at all of it (`AlertExceedsMax`): a find, although nothing was found. */
const LIMIT = /^Heuristics\.Limits\.Exceeded\b/

/**
 * Reads the answer to INSTREAM, without the zero byte that ends it (clamd(8), COMMANDS). `isWhole`: the content had been sent to its end
 * when the answer came; a verdict on less is none.
 */
export function verdictOf(reply: string, isWhole: boolean): Verdict {
  if (reply.length > LONGEST_REPLY) return failure('bad-reply', quoted(reply))
  if (/^INSTREAM size limit exceeded\. ERROR$/.test(reply)) return failure('too-large', reply)
  const [, error] = /^(?:stream: )?([\x20-\x7e]+) ERROR$/.exec(reply) ?? []
  if (error !== undefined) return failure('scanner-error', error)
  if (!isWhole) return failure('bad-reply', `${quoted(reply)}, ahead of the end`)
  if (reply === 'stream: OK') return { result: 'clean' }
  const [, signature] = /^stream: ([\x21-\x7e]+) FOUND$/.exec(reply) ?? []
  if (signature === undefined) return failure('bad-reply', quoted(reply))
  return LIMIT.test(signature) ? failure('over-limits', signature) : { result: 'infected', signature }
}

const failure = (reason: ScanFailure, detail: string): Verdict => ({ result: 'error', reason, detail })

/** As much of it as is of use to people, on one line. */
const quoted = (reply: string): string => JSON.stringify(reply.slice(0, 200))
