const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MONTH = `(?<month>${MONTHS.join('|')})`
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

/** The form that is sent, and the two that only old clients send: RFC 850 and asctime. */
const FORMS = [
  `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT`,
  `(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT`,
  `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map(form => new RegExp(`^${form}$`))

/** An IMF-fixdate; what is below a second is cut off (RFC 9110, 5.6.7). */
export function formatHttpDate(date: Date): string {
  return date.toUTCString()
}

/**
 * Seconds since 1970 of an HTTP-date in any of its three forms (RFC 9110, 5.6.7); null for everything else. `now` decides
 * the century of a year of two digits.
 */
export function parseHttpDate(text: string, now: Date): number | null {
  const found = FORMS.map(form => form.exec(text)?.groups).find(groups => groups !== undefined)
  if (!found) return null

  const { day, year, hour, minute, second } = found
  const month = MONTHS.indexOf(found.month ?? '')
  const midnight = new Date(Date.UTC(fullYear(Number(year), now), month, Number(day)))
  const isDay = midnight.getUTCMonth() === month && midnight.getUTCDate() === Number(day)
  // 60 is a leap second.
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60
  if (!isDay || !isTime) return null
  return midnight.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second)
}

/** Two digits that would lie more than 50 years ahead mean the latest such year of the past. */
function fullYear(year: number, now: Date): number {
  if (year > 99) return year
  const thisYear = now.getUTCFullYear()
  const inThisCentury = thisYear - (thisYear % 100) + year
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury
}
