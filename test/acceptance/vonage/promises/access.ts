import type { Promises } from '../../promise.ts'

export const ACCESS = {
  'VONAGE-AUTH-01': {
    quote:
      'This API supports both JWT and Basic authentication. … Authorization Your JSON web token. Read more about JWTs Headers Bearer <JWT>',
    means:
      'List, info, update and delete each answer a request with `Authorization: Bearer` and an RS256 JWT of a registered application.',
    note: '@vonage/auth signs `application_id`, `iat`, `jti` and `exp`; the account is that of the application.',
  },
  'VONAGE-AUTH-02': {
    quote:
      'This API supports both JWT and Basic authentication. … Authorization Base64 encoded API key and secret joined by a colon. Read more Headers Basic <base64>',
    means:
      'List, info, update and delete each answer a request with `Authorization: Basic` and the Base64 of API key, colon, secret.',
    note: '@vonage/media does so with `authType` `basic`.',
  },
  'VONAGE-AUTH-03': {
    quote: 'Basic authentication is easier to get started with',
    means: 'An API key and its secret suffice, without an application or a public key being registered.',
  },
  'VONAGE-AUTH-04': {
    quote: 'advanced features such as ACLs',
    means:
      'A JWT whose `acl` names a path with methods may do what these cover and is answered 403 for anything else, with nothing changed.',
    note: 'The form is that of @vonage/jwt: `{"paths": {"/*/media/**": {"methods": ["GET"]}}}`; `{}` allows all methods.',
  },
  'VONAGE-AUTH-05': {
    quote: 'Basic authentication … does not support advanced features such as ACLs.',
    means: 'With Basic every endpoint answers for every item of the account: no ACL narrows it.',
  },
  'VONAGE-AUTH-06': {
    quote: 'You can use either JWT or Basic authentication, but not both at the same time.',
    means:
      'A request that carries both a Bearer and a Basic authorization is answered 401, even when either alone would do.',
  },
  'VONAGE-AUTH-07': {
    quote: 'KeyDescriptionWhereExample Authorization',
    means: 'List, info, update and delete without an Authorization header are answered 401.',
    note: 'The status is that of the older reference, which lists 401, 403, 404 and 500.',
  },
  'VONAGE-AUTH-08': {
    quote: 'Authorization Base64 encoded API key and secret joined by a colon.',
    means: 'A wrong secret, an unknown key and what is not Base64 of the two with a colon are answered 401.',
  },
  'VONAGE-OPENAPI-01': {
    quote: 'Download OpenAPI Specification',
    means:
      'The OpenAPI document of these endpoints is served at `/openapi/vonage.json` and names exactly the routes that there are.',
  },
} as const satisfies Promises<'VONAGE'>
