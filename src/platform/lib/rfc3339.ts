const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i

/** The point in time that a text names as in RFC 3339, 5.6, with its offset; seconds may be missing. Undefined for any other text. */
export function timeIn(text: string): Date | undefined {
  const time = FORM.test(text) && isDay(text) ? new Date(text) : undefined
  return time && !Number.isNaN(time.getTime()) ? time : undefined
}

/** Whether a text that begins with a date begins with one that there is: `Date` takes the 31st of February for the 2nd of March, and a day 00 for a year. */
export function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
  // The Gregorian calendar is the same every 400 years; years below 100 are others to Date.UTC.
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return month >= 1 && month <= 12 && day >= 1 && day <= days
}
