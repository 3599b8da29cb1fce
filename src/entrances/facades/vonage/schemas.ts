const text = { type: 'string' }
const maybeText = { type: ['string', 'null'] }
const integer = { type: 'integer' }
const time = { type: 'string', format: 'date-time' }
const link = {
  type: 'object',
  required: ['href'],
  additionalProperties: false,
  properties: { href: { type: 'string', format: 'uri-reference' } },
}

/** An object with these members alone, all of them there but for those that may be missing. */
const exactly = (properties: Readonly<Record<string, object>>, mayMiss: readonly string[] = []) => ({
  type: 'object',
  required: Object.keys(properties).filter(name => !mayMiss.includes(name)),
  additionalProperties: false,
  properties,
})

const SAID = {
  public: { type: ['boolean', 'null'], description: 'Whether it is downloaded without a credential.' },
  metadata_primary: maybeText,
  metadata_secondary: maybeText,
  title: maybeText,
  description: maybeText,
  mime_type: { ...maybeText, description: 'What it is delivered as, unless a browser might run that.' },
  max_downloads_allowed: { type: ['integer', 'null'], minimum: 0, description: '0 or null: any number.' },
}

/** The shapes of its API. */
export const schemas = {
  Problem: exactly({
    type: { const: 'about:blank' },
    title: text,
    status: integer,
    detail: text,
    code: { type: 'string', description: 'Tells one reason from others for programs.' },
  }),
  Media: exactly({
    id: { type: 'string', format: 'uuid' },
    original_file_name: text,
    mime_type: text,
    account_id: text,
    store_id: text,
    max_downloads_allowed: { ...integer, description: '0: any number.' },
    times_downloaded: integer,
    etag: { type: 'string', description: 'Names the content. Empty until it has come.' },
    media_size: { ...integer, description: 'Bytes; 0 until they have come.' },
    time_created: time,
    time_last_updated: time,
    public: { type: 'boolean' },
    title: maybeText,
    description: maybeText,
    metadata_primary: maybeText,
    metadata_secondary: maybeText,
  }),
  Page: exactly({
    page_size: { ...integer, description: 'Items that a page holds at most.' },
    page_index: { ...integer, description: 'From 0.' },
    _links: exactly({ self: link, first: link, last: link, next: link, prev: link }, ['next', 'prev']),
    count: { ...integer, description: 'Items on all pages.' },
    _embedded: exactly({ media: { type: 'array', items: { $ref: '#/components/schemas/Media' } } }),
  }),
  Changes: {
    type: 'object',
    description: 'null clears, what is absent stays, other names are passed over.',
    properties: { ...SAID, public_item: { ...SAID.public, description: 'An older name of public.' } },
  },
  Upload: {
    type: 'object',
    description: 'filedata or url.',
    properties: {
      filedata: { type: 'string', contentMediaType: 'application/octet-stream' },
      url: { type: 'string', format: 'uri', description: 'Where to fetch the file, in the background.' },
      filename: { type: 'string', description: 'What to call it, instead of what its part or URL says.' },
      info: {
        type: 'string',
        contentMediaType: 'application/json',
        description: 'An object of JSON: what an update may say, and any data of your own.',
      },
    },
  },
}
