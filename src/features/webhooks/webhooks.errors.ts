import { commonErrors, defineErrors } from '../../platform/errors.ts'

export const webhookErrors = defineErrors({
  WEBHOOKS_OFF: {
    status: 409,
    meaning: 'This gateway sends no webhooks: its operator has set WEBHOOKS_TO to off.',
  },
  TOO_MANY_WEBHOOKS: { status: 409, meaning: 'The account has as many webhooks as it may have.' },
  WEBHOOK_DISABLED: { status: 409, meaning: 'The webhook is disabled: enable it first.' },
})

/** Webhooks of one account; each is told of each event. */
export const MAX_WEBHOOKS = 20

export const webhooksOff = () =>
  webhookErrors.WEBHOOKS_OFF('This gateway sends no webhooks. Subscribe to mediaEvents instead.')

export const tooManyWebhooks = () =>
  webhookErrors.TOO_MANY_WEBHOOKS(
    `The account has ${MAX_WEBHOOKS} webhooks, and may not have more. Delete one, or let one URL hear of more.`,
  )

export const webhookDisabled = () =>
  webhookErrors.WEBHOOK_DISABLED('The webhook is disabled. Enable it by updateWebhook first.', {
    field: ['input', 'id'],
  })

/** One answer for what never was and for what is another account's. */
export const webhookNotFound = () =>
  commonErrors.NOT_FOUND('There is no webhook of this id in the account.', { field: ['input', 'id'] })

export const deliveryNotFound = () =>
  commonErrors.NOT_FOUND('There is no webhook and no delivery of this id in the account.', {
    field: ['input', 'id'],
  })
