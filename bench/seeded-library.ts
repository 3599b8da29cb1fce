import { ACCOUNT, type Gateway } from './gateway.ts'

/** Rows of one INSERT: more would hold a long transaction and tell no progress. */
const AT_ONCE = 100_000

/** The fields of a media that lists are measured with: 15, as many views of a library show. */
export const FIELDS =
  'id name originalFileName title kind mimeType status size sha256 etag width height tags createdAt updatedAt'

/** Fills the library of the account with photographs, newest first by their number; their bytes are nowhere. */
export async function seedLibrary(
  { query }: Gateway,
  count: number,
  progress: (message: string) => void,
): Promise<void> {
  for (let from = 1; from <= count; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE - 1, count)
    progress(`seeding ${to} of ${count} media`)
    await query(
      `WITH numbered AS (
         SELECT n, gen_random_uuid() AS blob_id, md5(n::text) || md5((-n)::text) AS sha256, 1000000 + n * 997 AS size
         FROM generate_series($2::int, $3::int) AS n
       ), stored AS (
         INSERT INTO blob (id, account_id, store_id, key, state, size, sha256)
         SELECT blob_id, $1, 'default', 'seed/' || n, 'live', size, sha256 FROM numbered
       )
       INSERT INTO media (id, hash, account_id, name, original_file_name, title, kind, mime_type, status, size, sha256, etag,
         width, height, tags, store_id, blob_id, created_at, updated_at)
       SELECT gen_random_uuid(), gen_random_uuid(), $1, 'photo-' || n, 'DSC_' || n || '.jpg', 'Photograph number ' || n,
         'IMAGE', 'image/jpeg', 'COMPLETED', size, sha256, left(sha256, 32), 4000 + n % 100, 3000 + n % 100,
         ARRAY['seed', 'year-' || n % 10, 'place-' || n % 100], 'default', blob_id,
         now() - n * interval '1 minute', now() - n * interval '30 seconds'
       FROM numbered`,
      [ACCOUNT, from, to],
    )
  }
  await query('VACUUM (ANALYZE) media')
}
