import { commonErrors, defineErrors } from '../errors.ts'

export const eventErrors = defineErrors({
  CURSOR_EXPIRED: {
    status: 410,
    meaning:
      'Events behind this cursor are no longer kept. Load the list anew, then subscribe without a cursor.',
  },
  SUBSCRIBER_TOO_SLOW: {
    status: 429,
    meaning:
      'More events are waiting than the gateway keeps for a subscriber. Subscribe again with the last cursor.',
  },
})

export const noCursor = () =>
  commonErrors.BAD_REQUEST(
    'This is no cursor of an event. Give the cursor of the last event that you have.',
    {
      field: ['after'],
    },
  )

export const cursorExpired = () =>
  eventErrors.CURSOR_EXPIRED(
    'Events behind this cursor are no longer kept. Load the list anew, then subscribe without "after".',
    { field: ['after'] },
  )

export const tooSlow = () =>
  eventErrors.SUBSCRIBER_TOO_SLOW(
    'Events come faster than this subscriber takes them. Subscribe again with the cursor of the last event that you have.',
  )
