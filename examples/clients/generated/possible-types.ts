// Written by "npm run clients" from schema.graphql and the operations of the examples.

      export type PossibleTypesResultData = {
  "possibleTypes": {
    "Node": [
      "AuditEvent",
      "Collection",
      "LegalHold",
      "Media",
      "MediaPurge",
      "ShareLink",
      "Webhook",
      "WebhookDelivery"
    ],
    "UserError": [
      "BatchTooLargeError",
      "ConflictError",
      "DuplicateContentError",
      "FileTooLargeError",
      "ForbiddenError",
      "InvalidInputError",
      "LegalHoldError",
      "NotFoundError",
      "QuotaExceededError",
      "RevisionConflictError",
      "UnsupportedTypeError"
    ]
  }
};
      const result: PossibleTypesResultData = {
  "possibleTypes": {
    "Node": [
      "AuditEvent",
      "Collection",
      "LegalHold",
      "Media",
      "MediaPurge",
      "ShareLink",
      "Webhook",
      "WebhookDelivery"
    ],
    "UserError": [
      "BatchTooLargeError",
      "ConflictError",
      "DuplicateContentError",
      "FileTooLargeError",
      "ForbiddenError",
      "InvalidInputError",
      "LegalHoldError",
      "NotFoundError",
      "QuotaExceededError",
      "RevisionConflictError",
      "UnsupportedTypeError"
    ]
  }
};
      export default result;
    