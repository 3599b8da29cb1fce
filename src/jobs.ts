/**
 * What each kind of background job does, by its name; docs/operations.md is made of it, with the times that the kinds have themselves.
 * A kind that is missing here, or is no more, fails a test.
 */
export const JOB_MEANINGS = {
  'media.process': 'Takes a content that has just come through its steps: scan, facts, preview, thumbnail.',
  'media.mend':
    'Gives back the processing of a worker that died, and begins what was forgotten: media that are PROCESSING without a job.',
  'media.import': 'Fetches the content of one media from its URL.',
  'imports.giveBack': 'Gives back imports whose worker died.',
  'blobs.reap': 'Gives up uploads whose lease has run out, and removes the bytes of what is doomed.',
  'blobs.scrub':
    'Reads a sample of the contents and compares it with their SHA-256; looks for a part of all rows and objects.',
  'stores.beginEpoch':
    'Begins a new epoch in each store, by which a database knows a store as its own; also at every start.',
  'retention.expire': 'Takes what has expired out of every list: into the trash, or to be removed at once.',
  'retention.apply': 'Applies RETENTION_RULES to what was there before they were changed.',
  'trash.empty': 'Removes for good what has been in the trash for long enough.',
  'purges.settle': 'Notes, and tells, which media that were removed for good have no byte left.',
  'versions.remove': 'Removes old versions beyond KEEP_VERSIONS, once no URL leads to them any more.',
  'variants.clean': 'Removes pictures of contents that are gone.',
  'variants.evict':
    'Removes the pictures that were not asked for the longest, where an account has more than VARIANT_CACHE_BYTES.',
  'redactions.forget': 'Forgets what was found to be taken out of contents that no media has any more.',
  'uploads.forget': 'Removes tickets and resumable uploads whose time is over.',
  'usage.reconcile': 'Compares what accounts are said to use with what they have, and mends it.',
  'audit.seal': 'Chains new rows of the audit log, and writes checkpoints into the store.',
  'audit.prune':
    'Removes rows of the audit log that are older than AUDIT_DAYS, so that the rest can be verified.',
  'webhooks.forget': 'Removes deliveries that are settled and older than EVENT_DAYS.',
  'events.prune': 'Removes events that are older than EVENT_DAYS.',
  'idempotency.forget': 'Forgets idempotency keys after 24 hours.',
  'logins.forget': 'Forgets failed logins that no longer count.',
  'downloads.forget': 'Forgets sessions of downloads that are over.',
} as const satisfies Readonly<Record<string, string>>
