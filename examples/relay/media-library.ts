import { ConnectionHandler, graphql, type SelectorStoreUpdater } from 'relay-runtime'

/** What a list shows of a media; can be fetched again by itself. */
export const mediaCard = graphql`
  fragment mediaLibrary_media on Media @refetchable(queryName: "mediaLibraryRefetchQuery") {
    id
    originalFileName
    title
    kind
    size
    url
    thumbnailUrl
    placeholder {
      dataUri
    }
  }
`

/** A list that grows page by page. */
export const library = graphql`
  fragment mediaLibrary_query on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }, filter: { type: "MediaFilter" })
  @refetchable(queryName: "mediaLibraryPaginationQuery") {
    mediaItems(first: $first, after: $after, filter: $filter) @connection(key: "mediaLibrary_mediaItems") {
      __id
      edges {
        node {
          ...mediaLibrary_media
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`

export const libraryQuery = graphql`
  query mediaLibraryQuery($first: Int, $filter: MediaFilter) {
    ...mediaLibrary_query @arguments(first: $first, filter: $filter)
  }
`

/** The new media stands at the top of the lists. */
export const upload = graphql`
  mutation mediaLibraryUploadMutation($input: UploadMediaInput!, $connections: [ID!]!) {
    uploadMedia(input: $input) {
      media @prependNode(connections: $connections, edgeTypeName: "MediaEdge") {
        ...mediaLibrary_media
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`

export const update = graphql`
  mutation mediaLibraryUpdateMutation($input: UpdateMediaInput!) {
    updateMedia(input: $input) {
      media {
        ...mediaLibrary_media
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`

/** The media leaves the lists that are named, then the store; @deleteRecord alone would leave its edges there, without a node. */
export const remove = graphql`
  mutation mediaLibraryDeleteMutation($input: DeleteMediaInput!, $connections: [ID!]!) {
    deleteMedia(input: $input) {
      deletedMediaId @deleteEdge(connections: $connections)
      deletedRecord: deletedMediaId @deleteRecord
      userErrors {
        code
        message
        field
      }
    }
  }
`

export const events = graphql`
  subscription mediaLibrarySubscription($filter: MediaFilter, $after: String) {
    mediaEvents(filter: $filter, after: $after) {
      cursor
      type
      mediaId
      media {
        ...mediaLibrary_media
      }
    }
  }
`

/** Keeps a list up with the events: what is new stands at its top, what was deleted leaves it; changes show by themselves. */
export const keepingUp =
  (connectionId: string): SelectorStoreUpdater =>
  store => {
    const event = store.getRootField('mediaEvents')
    const connection = store.get(connectionId)
    const type = event?.getValue('type')
    if (!event || !connection || type === 'UPDATED') return
    // Also what this client has put there itself.
    ConnectionHandler.deleteNode(connection, event.getValue('mediaId') as string)
    const media = event.getLinkedRecord('media')
    if (!media) return
    const edge = ConnectionHandler.createEdge(store, connection, media, 'MediaEdge')
    ConnectionHandler.insertEdgeBefore(connection, edge)
  }
