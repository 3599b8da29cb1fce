/** Why an image has no size. The text is for people who read logs and docs. */
export const probeReasons = {
  unsupported: 'No probe reads this type.',
  'no-size': 'The file states no size in pixels, as an SVG without width and height.',
  unreadable: 'The header is damaged.',
  'pixel-limit': 'The header claims more pixels than any image is decoded with here.',
  source: 'The bytes could not be read from the store.',
  deadline: 'The answer took too long.',
  memory: 'The decoder took too much memory.',
  crashed: 'The decoder broke off.',
  aborted: 'The caller gave up.',
  closed: 'The gateway is stopping.',
} as const satisfies Record<string, string>

export type ProbeReason = keyof typeof probeReasons

/** Width and height in pixels as shown, after EXIF orientation; or why they are not known. */
export type ImageFacts =
  | { readonly width: number; readonly height: number; readonly reason: null }
  | { readonly width: null; readonly height: null; readonly reason: ProbeReason; readonly detail?: string }

/** Ends a probe; becomes facts without a size. The detail is for the log. */
export class ProbeFailure extends Error {
  readonly reason: ProbeReason
  readonly detail: string | undefined

  constructor(reason: ProbeReason, detail?: string) {
    super(probeReasons[reason])
    this.reason = reason
    this.detail = detail
  }
}
