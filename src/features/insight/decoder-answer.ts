const DECODER_REASONS = ['unreadable', 'pixel-limit', 'memory'] as const

/** What the decoding process says of one image. */
export type DecoderAnswer =
  | { readonly width: number; readonly height: number }
  | { readonly reason: (typeof DECODER_REASONS)[number]; readonly detail?: string }

/** Reads an answer's line. Nothing is believed of a process that handles hostile files: null when it is not an answer. */
export function parseAnswer(line: string): DecoderAnswer | null {
  const { width, height, reason: given, detail } = parseObject(line)
  if (isSize(width) && isSize(height)) return { width, height }
  const reason = DECODER_REASONS.find(known => known === given)
  return reason ? { reason, detail: typeof detail === 'string' ? detail : undefined } : null
}

function parseObject(line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>
  } catch {
    return {}
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}
