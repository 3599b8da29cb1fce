import { EVENTS, LIBRARY, UPLOAD } from './operations.ts'
import type { urqlClient } from './urql.ts'

/** List, next page, upload, subscribe; gives the list, the new media, and how to stop. */
export async function urqlTour(
  client: ReturnType<typeof urqlClient>,
  file: File,
  show: (event: string) => void,
) {
  const first = await client.query(LIBRARY, { first: 2 })
  const after = first.data?.mediaItems.pageInfo.endCursor
  const both = await client.query(LIBRARY, { first: 2, after }) // both pages

  const { data, error } = await client.mutation(UPLOAD, { input: { file, title: 'Harbour' } })
  if (!data?.uploadMedia.media) throw error ?? new Error(data?.uploadMedia.userErrors[0]?.message)

  const following = client.subscription(EVENTS, {}).subscribe(({ data }) => show(`${data?.mediaEvents.type}`))
  return { list: both.data?.mediaItems, media: data.uploadMedia.media, stop: () => following.unsubscribe() }
}
