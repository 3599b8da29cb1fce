/**
 * The suites that hold on every store, and why each is among them: `npm run test:s3` runs them on that one. What is not here never touches
 * bytes (lists, filters, keys, subscriptions), or brings its store along.
 */
export const STORE_SUITES = {
  'test/doors/*': 'every way in, what it makes and what it refuses, and that nothing of a refusal stays',
  'test/access/matrix': 'who may do what: a refusal may not depend on where the bytes lie',
  'test/api/{put,tickets,tus-*,upload,upload-*,import,import-*,batch}':
    'each way in by itself, to the end and broken off',
  'test/api/{duplicate*,idempotency*}': 'what is sent twice, or at the same time, is kept once',
  'test/api/{replace,versions,revision,restore,legal-holds,scan-deletion}':
    'contents that follow each other, are kept, and go',
  'test/api/{http,archive,share-links,signed-urls,download-budget}': 'every way out',
  'test/api/{slow-*,vanished-clients}': 'clients that stall or go, while the store is at work',
  'test/api/secrets-nowhere': 'no credential, of the store either, in an answer or in the log',
  'test/{tus,import}-killed': 'gateways that die in the middle, over a store that goes on',
  'test/downloads-at-two-processes': 'two processes over one store',
  'test/clients/tus': 'a client that others have written, at two gateways of which one is killed',
}

/**
 * The suites of one kind of store, which need its server: they run with those above on that store, and not in `npm test`, which needs
 * nothing installed.
 */
export const OWN_SUITES = {
  s3: {
    'test/platform/storage-s3': 'the driver on Ceph',
    'test/api/s3-*': 'what only a bucket has: doors to it, redirects, a doctor who looks into it',
    'test/faults/sample-s3': 'faults of a bucket, a few of the long proof',
  },
  azure: { 'test/platform/storage-azure': 'the driver on azurite' },
}
