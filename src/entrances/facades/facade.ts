import type { FastifyPluginAsync } from 'fastify'
import type { AppError } from '../../platform/errors.ts'

/** The APIs whose clients work unchanged. A name never changes its meaning: it stands in configurations and paths. */
export const FACADES = {
  vonage: 'Vonage Media API v3, at `/v3/media`',
  bandwidth: 'Bandwidth Messaging media, at `/api/v2/users/{account}/media`',
  cms: 'Contentive CMS media, at `/api/media`',
  apizee: 'Apizee medias, at `/api/v3/medias`',
} as const satisfies Record<string, string>

export type FacadeName = keyof typeof FACADES

/** What an answer says of an error, in the words of one API. */
export interface FacadeRefusal {
  readonly status: number
  readonly body: object
}

/** A path of a description: its operations, and what they have in common. */
interface PathItem extends Readonly<Record<string, object | undefined>> {
  readonly get?: { readonly operationId: string; readonly [member: string]: unknown }
}

/** A description of an API (OpenAPI Specification 3.1.1), without its servers, and without HEAD, which is wherever GET is. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  /** What each operation needs that does not say otherwise: one of these, each by the name of its scheme. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: object
}

/** One API of somebody else: its wire on the outside, our services within. */
export interface Facade {
  readonly name: FacadeName
  /** Its routes, as its own documentation writes their paths; `base` is the URL that is put ahead of them in answers. */
  routes(base: () => string): FastifyPluginAsync
  /** Says any of our errors in its form, as the answer to a request of this method. Total: a code that it does not know is said, too. */
  refusal(error: AppError, method: string): FacadeRefusal
  readonly document: OpenApiDocument
}
