/** What a client may be told while the store is broken. */
export const TOLD = {
  success: 'success',
  STORAGE_UNAVAILABLE: '503 `STORAGE_UNAVAILABLE`, `Retry-After`',
  CONTENT_LOST: '502 `CONTENT_LOST`',
  broken: 'the connection breaks',
} as const satisfies Record<string, string>
export type Told = keyof typeof TOLD

/** How a refusal looks in HTTP. In GraphQL the status is that of the operation, and the code stands in its errors. */
export const REFUSALS: Readonly<Partial<Record<Told, { status: number; retryAfter: RegExp }>>> = {
  // As long as the store is left alone, half a minute at the most.
  STORAGE_UNAVAILABLE: { status: 503, retryAfter: /^([1-9]|[12]\d|30)$/ },
  CONTENT_LOST: { status: 502, retryAfter: /^$/ },
}

interface StorageFault {
  /** What the store, or the way to it, does. */
  readonly about: string
  /** What uploads may be told, whichever way they take; none where the fault cannot meet one. */
  readonly upload: readonly Told[]
  readonly download: readonly Told[]
}

/**
 * Each fault of an S3 store, and every answer that it may be met with. The scenarios hold the gateway to it, and docs/storage-faults.md says
 * the same.
 */
export const STORAGE_FAULTS = {
  storeKilled: {
    about: 'The store is killed while the request is under way, and comes back later.',
    upload: ['success', 'STORAGE_UNAVAILABLE'],
    download: ['success', 'STORAGE_UNAVAILABLE', 'broken'],
  },
  gatewayKilled: {
    about: 'The media gateway is killed while the request is under way.',
    upload: ['broken'],
    download: ['broken'],
  },
  slowDownSome: {
    about: 'The store answers some requests with 503 `SlowDown`.',
    upload: ['success', 'STORAGE_UNAVAILABLE'],
    download: ['success', 'STORAGE_UNAVAILABLE'],
  },
  slowDownOne: {
    about: 'The store answers all requests of one kind with 503 `SlowDown`, such as UploadPart.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: ['STORAGE_UNAVAILABLE'],
  },
  slowDownAll: {
    about: 'The store answers everything with 503 `SlowDown`.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: ['STORAGE_UNAVAILABLE'],
  },
  stall: {
    about:
      'The store says nothing for 10 seconds: before its answer, or in the middle of a body, either way.',
    upload: ['success'],
    download: ['success'],
  },
  silence: {
    about: 'The store says nothing for more than a minute in the middle of what it sends.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: ['broken'],
  },
  requestTruncatedOnce: {
    about: 'The connection breaks in the middle of what is sent to the store.',
    upload: ['success'],
    download: [],
  },
  requestTruncated: {
    about: 'The same at every try.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: [],
  },
  contentTruncated: {
    about: 'The connection breaks in the middle of what the store sends.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: ['broken'],
  },
  errorIn200Once: {
    about:
      'CompleteMultipartUpload or UploadPartCopy is answered with 200 and an error in its body, done or not.',
    upload: ['success'],
    download: [],
  },
  errorIn200: {
    about: 'The same at every try, and nothing is done.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: [],
  },
  unreadableIn200: {
    about:
      'The same, once or at every try, in a body that the SDK does not take for an error, and nothing is done.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: [],
  },
  errorIn200Done: {
    about: 'CompleteMultipartUpload is answered so at every try, although all is done.',
    upload: ['success'],
    download: [],
  },
  answerLostOnce: {
    about: 'The store does what it is asked, and the connection breaks before it can say so.',
    upload: ['success'],
    download: ['success'],
  },
  answerLost: {
    about: 'The same at every try, with requests of one kind.',
    upload: ['STORAGE_UNAVAILABLE'],
    download: ['STORAGE_UNAVAILABLE'],
  },
  completionLost: {
    about: 'The same at every try, with CompleteMultipartUpload: a HEAD of the object tells that it is done.',
    upload: ['success'],
    download: [],
  },
  objectLost: {
    about: 'The object is missing.',
    upload: [],
    download: ['CONTENT_LOST'],
  },
} as const satisfies Record<string, StorageFault>
export type FaultName = keyof typeof STORAGE_FAULTS

/** The table as docs/storage-faults.md has it. */
export function faultTable(): string {
  const cell = (told: readonly Told[]) => told.map(one => TOLD[one]).join('; or ') || '–'
  const faults: StorageFault[] = Object.values(STORAGE_FAULTS)
  const rows = faults.map(
    ({ about, upload, download }) => `| ${about} | ${cell(upload)} | ${cell(download)} |`,
  )
  return ['| fault | an upload is told | a download is told |', '| --- | --- | --- |', ...rows].join('\n')
}
