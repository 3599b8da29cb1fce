import { graphql } from './generated/gql.ts'

/** What a list shows of a media. */
export const MediaCard = graphql(`
  fragment MediaCard on Media { id originalFileName title kind mimeType size url thumbnailUrl placeholder { dataUri } tags }
`)

export const LIBRARY = graphql(`
  query Library($first: Int, $after: String, $filter: MediaFilter, $orderBy: MediaOrder) {
    mediaItems(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { ...MediaCard } }
      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
    }
  }
`)

export const UPLOAD = graphql(`
  mutation Upload($input: UploadMediaInput!) {
    uploadMedia(input: $input) {
      media { ...MediaCard }
      userErrors { code message field }
    }
  }
`)

export const UPDATE = graphql(`
  mutation Update($input: UpdateMediaInput!) {
    updateMedia(input: $input) {
      media { ...MediaCard }
      userErrors { code message field }
    }
  }
`)

export const DELETE = graphql(`
  mutation Delete($input: DeleteMediaInput!) {
    deleteMedia(input: $input) {
      deletedMediaId
      userErrors { code message field }
    }
  }
`)

export const EVENTS = graphql(`
  subscription Events($filter: MediaFilter, $after: String) {
    mediaEvents(filter: $filter, after: $after) {
      id
      cursor
      type
      mediaId
      media { ...MediaCard }
    }
  }
`)
