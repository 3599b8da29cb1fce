import { commonErrors, defineErrors } from '../../../platform/errors.ts'

export const subscriptionErrors = defineErrors({
  TOO_MANY_SUBSCRIPTIONS: {
    status: 429,
    meaning:
      'The credential, or the connection, has as many subscriptions open as it may. End one, or share one.',
  },
})

export const tooManySubscriptions = (most: number, whose: string) =>
  subscriptionErrors.TOO_MANY_SUBSCRIPTIONS(
    `This ${whose} has ${most} subscriptions open, which is as many as it may. End one first.`,
    { details: { limit: most } },
  )

export const goingAway = () =>
  commonErrors.SERVICE_UNAVAILABLE('This node is going away. Connect again, with the last cursor.')

export const onlySubscriptions = () =>
  commonErrors.BAD_REQUEST(
    'Only subscriptions are taken here. Send queries and mutations to /graphql over HTTP.',
  )
