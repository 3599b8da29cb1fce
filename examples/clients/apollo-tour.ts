import { type apolloClient, follow } from './apollo.ts'
import { LIBRARY, UPLOAD } from './operations.ts'

/** List, next page, upload, subscribe; gives the list, the new media, and how to stop. */
export async function apolloTour(
  client: ReturnType<typeof apolloClient>,
  file: File,
  show: (event: string) => void,
) {
  const first = await client.query({ query: LIBRARY, variables: { first: 2 } })
  const after = first.data?.mediaItems.pageInfo.endCursor
  const list = client.watchQuery({ query: LIBRARY, variables: { first: 2 } })
  const watching = list.subscribe(({ data }) => show(`${data?.mediaItems?.edges?.length} media`))
  await list.fetchMore({ variables: { after } }) // the list grows

  const { data } = await client.mutate({ mutation: UPLOAD, variables: { input: { file, title: 'Harbour' } } })
  if (!data?.uploadMedia.media) throw new Error(data?.uploadMedia.userErrors[0]?.message)

  const following = follow(client).subscribe(({ data }) => show(`${data?.mediaEvents.type}`))
  return {
    list: client.readQuery({ query: LIBRARY, variables: { first: 2 } })?.mediaItems,
    media: data.uploadMedia.media,
    stop() {
      watching.unsubscribe()
      following.unsubscribe()
    },
  }
}
