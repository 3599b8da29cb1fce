const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i

/** The point in time that a text names as in RFC 3339, 5.6, with its offset; seconds may be missing. Undefined for any other text. */
export function timeIn(text: string): Date | undefined {
  const time = FORM.test(text) ? new Date(text) : undefined
  return time && !Number.isNaN(time.getTime()) ? time : undefined
}
