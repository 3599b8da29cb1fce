import type { Site } from './site.ts'

/**
 * Deletes what was proved to be there, so that the next audit has not to read it again; a deletion must hold, too. Those that
 * are `kept` stay.
 */
export async function forget(site: Site, kept: readonly string[] = []): Promise<void> {
  for (const { id, originalFileName: name } of await site.client.list()) {
    if (kept.includes(id)) continue
    site.journal.append({ event: 'deleting', name })
    await site.client.delete(id)
    site.journal.append({ event: 'deleted', name })
  }
}
