import { checkEventFilter } from '../../events/event-filter.ts'
import { MEDIA_EVENTS, type MediaEventType } from '../../events/media-event-type.ts'
import { mediaErrors } from '../../media/media.errors.ts'
import { checkedText } from '../../media/media.fields.ts'
import type { MediaFilter } from '../../media/media.filter.ts'
import { LATEST_VERSION, PAYLOAD_VERSIONS } from '../payload/versions.ts'
import { webhooksOff } from '../webhooks.errors.ts'

/** What is said about a webhook. Absent = unchanged (or the default), null = cleared. */
export interface WebhookFields {
  readonly url?: string | null
  readonly description?: string | null
  readonly eventTypes?: readonly MediaEventType[] | null
  readonly filter?: MediaFilter | null
  readonly payloadVersion?: number | null
}

/** Decides of a URL before anything is looked up; null where nothing is sent. */
export type Places = { check(url: string): URL } | null

const LONGEST_DESCRIPTION = 500

/** The columns of what is said; throws INVALID_INPUT, URL_NOT_ALLOWED, WEBHOOKS_OFF. */
export function webhookColumns(fields: WebhookFields, places: Places): Record<string, unknown> {
  const { url, description, eventTypes, filter, payloadVersion } = fields
  const columns: Record<string, unknown> = {}
  if (url != null) columns.url = checkedUrl(url, places)
  else if (url === null) throw refused('url', 'A webhook has a URL; delete it if nothing shall be sent.')
  if (description !== undefined)
    columns.description = checkedText(description ?? '', 'description', LONGEST_DESCRIPTION)
  if (eventTypes !== undefined) columns.event_types = eventTypes && recordedTypes(eventTypes)
  if (filter) checkEventFilter(filter)
  if (filter !== undefined) columns.filter = filter && JSON.stringify(filter)
  if (payloadVersion !== undefined) columns.payload_version = checkedVersion(payloadVersion)
  return columns
}

function checkedUrl(url: string, places: Places): string {
  if (!places) throw webhooksOff()
  const checked = places.check(url)
  // It is never sent; two URLs that differ by it alone are one.
  checked.hash = ''
  return checked.href
}

function recordedTypes(names: readonly MediaEventType[]): string[] {
  if (names.length === 0)
    throw refused('eventTypes', 'Name one type at least, or leave eventTypes out to hear of all.')
  return MEDIA_EVENTS.filter(({ name }) => names.includes(name)).map(({ recorded }) => recorded)
}

function checkedVersion(version: number | null): number {
  if (version === null) return LATEST_VERSION
  if (PAYLOAD_VERSIONS.has(version)) return version
  const known = [...PAYLOAD_VERSIONS.keys()].join(', ')
  throw refused('payloadVersion', `There is no version ${version} of payloads; there is ${known}.`)
}

const refused = (field: string, message: string) =>
  mediaErrors.INVALID_INPUT(message, { field: ['input', field] })
