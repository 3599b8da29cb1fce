// Written by "npm run clients" from schema.graphql and the operations of the examples.

      export type PossibleTypesResultData = {
  "possibleTypes": {
    "Node": [
      "Collection",
      "LegalHold",
      "Media",
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
      "RevisionConflictError",
      "UnsupportedTypeError"
    ]
  }
};
      const result: PossibleTypesResultData = {
  "possibleTypes": {
    "Node": [
      "Collection",
      "LegalHold",
      "Media",
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
      "RevisionConflictError",
      "UnsupportedTypeError"
    ]
  }
};
      export default result;
    