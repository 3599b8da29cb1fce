import { defineErrors } from '../errors.ts'

export const outgoingErrors = defineErrors({
  URL_NOT_ALLOWED: {
    status: 400,
    meaning:
      'The URL leads to a place that the gateway does not fetch from, or send to. Nothing was fetched or sent.',
  },
  FETCH_FAILED: {
    status: 502,
    meaning: 'What the URL leads to could not be fetched: it did not answer, or not with the content.',
  },
})

export const urlNotAllowed = (why: string, cause?: unknown) =>
  outgoingErrors.URL_NOT_ALLOWED(`This URL is not used: ${why}.`, { field: ['input', 'url'], cause })

export const fetchFailed = (why: string, cause?: unknown) =>
  outgoingErrors.FETCH_FAILED(`The URL could not be fetched: ${why}.`, { field: ['input', 'url'], cause })
