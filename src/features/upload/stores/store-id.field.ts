/** What each way in says of its choice of a store. */
export const STORE_ID =
  "The store that the bytes shall lie in, one of those that the operator offers; without it, the operator's rules decide."
