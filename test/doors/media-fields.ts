/** All that a media says, but for what two of the same content and description differ in. */
export const COMPARED = {
  fields: [
    ...[
      'altText',
      'cacheControl',
      'contentVersion',
      'conversationId',
      'declaredType',
      'deletedAt',
      'purgeAt',
      'description',
    ],
    ...['durationSeconds', 'etag', 'expiresAt', 'groupIds', 'height', 'kind', 'maxDownloads', 'metadata'],
    ...[
      'metadataPrimary',
      'metadataSecondary',
      'mimeType',
      'name',
      'originalFileName',
      'pageCount',
      'public',
    ],
    ...[
      'scan',
      'scanDetail',
      'sha256',
      'size',
      'sourceType',
      'status',
      'statusReason',
      'storeId',
      'tags',
      'timesDownloaded',
      'title',
    ],
    ...['publicRisks', 'technicalMetadata', 'width'],
  ],
  objects: {
    geolocation: 'latitude longitude',
    owner: 'id name',
    importProgress: 'attempts',
    facts:
      'title artist takenAt camera { model } image { orientation frameCount } video { codec } audio { codec }',
    retention: 'endsAt reason rule end held',
    placeholder: 'thumbhash dominantColor',
    processing: 'name state reason',
  },
} as const

/** What is another one's in each media, or is not of its content; written by hand, so that a new field is thought of. */
export const NOT_COMPARED: readonly string[] = [
  ...[
    'id',
    'revision',
    'url',
    'image',
    'srcset',
    'thumbnailUrl',
    'createdAt',
    'updatedAt',
    'contentUpdatedAt',
  ],
  ...['duplicateOf', 'collections', 'legalHolds', 'shareLinks', 'versions'],
]

const objects = Object.entries(COMPARED.objects).map(([field, inner]) => `${field} { ${inner} }`)
export const SELECTION = [...COMPARED.fields, ...objects].join(' ')
