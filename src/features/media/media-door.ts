/** The ways in by which a media can have come; what is configured by door names them. A name never changes its meaning. */
export const MEDIA_DOORS = {
  upload: 'a GraphQL mutation that carries the file',
  ticket: 'a ticket of createUpload, however its bytes came',
  tus: 'a resumable upload without a ticket',
  import: 'importMedia',
  vonage: 'the Vonage Media API',
  bandwidth: 'the Bandwidth media API',
  cms: 'the Contentive media API',
} as const satisfies Record<string, string>

export type MediaDoor = keyof typeof MEDIA_DOORS
