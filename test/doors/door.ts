import type { TestApp } from '../support/app.ts'
import type { Origin } from '../support/origin.ts'

/** Where doors lead to, and who comes. */
export interface Site {
  readonly gateway: TestApp
  /** A server that the gateway may import from. */
  readonly origin: Origin
  /** Of every request that the door makes; null sends none. */
  readonly authorization: string | null
}

/** A file as a client has it. */
export interface Sent {
  readonly bytes: Uint8Array
  /** Told with the bytes, in the door's own header or metadata; where bytes come alone, with what is said. */
  readonly fileName?: string
  readonly mimeType?: string
  /** What is said about it: fields of `UploadMediaInput`, but for the file. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Called when half of the bytes are sent; the connection is cut when it resolves. */
  readonly halfway?: () => Promise<void>
}

export type Protocol = 'graphql' | 'batch' | 'put' | 'tus' | 'import'

export interface Refusal {
  readonly protocol: Protocol
  readonly code: string
  /** Path of the input that is at fault, without what it has in front at this door; null where none is named. */
  readonly field: string | null
  /** Where it was told: HTTP status, `payload` or `errors` with it, or the status of the media. */
  readonly told: string
}

/** What came of it: a media, a refusal, or nothing, as the connection was cut. */
export type Came =
  | { readonly mediaId: string; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly mediaId?: undefined }
  | { readonly mediaId?: undefined; readonly refusal?: undefined }

export interface Door {
  readonly name: string
  /** Mutations of the schema and routes of the server that are gone through. */
  readonly uses: readonly string[]
  /** A new media, about which something is said; or the content of one that is there, made with what is said. */
  readonly makes: 'media' | 'content'
  /** Whether it takes `onDuplicate`. */
  readonly hasPolicy: boolean
  /** Of a body that is cut: nothing, or the bytes that came, for who goes on. */
  readonly keeps: 'nothing' | 'what came'
  /** In whose words it refuses what is said, the bytes, and the media that would come of them. */
  readonly tells: { readonly said: Protocol; readonly bytes: Protocol; readonly media: Protocol }
  /** Whether the file name is part of what is said: then one that is no name is refused, and not mended. */
  readonly saysName?: boolean
  /** What it calls a field at fault that has another name here: of a file of which only the size was told, that. */
  readonly names?: Readonly<Record<string, string>>
  send(site: Site, sent: Sent): Promise<Came>
}

export const tellsBy = (said: Protocol, bytes: Protocol = said, media: Protocol = said) => ({
  said,
  bytes,
  media,
})

export const asked = ({ authorization }: Site): Record<string, string> =>
  authorization === null ? {} : { authorization }
