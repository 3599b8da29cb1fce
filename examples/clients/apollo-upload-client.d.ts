/** The package describes itself in JSDoc alone, which TypeScript reads in projects that allow JavaScript. */
declare module 'apollo-upload-client/UploadHttpLink.mjs' {
  import { ApolloLink, type HttpLink } from '@apollo/client'
  export default class UploadHttpLink extends ApolloLink {
    constructor(options?: HttpLink.Options)
  }
}
