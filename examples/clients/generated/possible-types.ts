// Written by "npm run clients" from schema.graphql and the operations of the examples.

      export type PossibleTypesResultData = {
  "possibleTypes": {
    "Node": [
      "Media",
      "ShareLink"
    ],
    "UserError": [
      "ConflictError",
      "FileTooLargeError",
      "InvalidInputError",
      "NotFoundError"
    ]
  }
};
      const result: PossibleTypesResultData = {
  "possibleTypes": {
    "Node": [
      "Media",
      "ShareLink"
    ],
    "UserError": [
      "ConflictError",
      "FileTooLargeError",
      "InvalidInputError",
      "NotFoundError"
    ]
  }
};
      export default result;
    