import type { BlobParts } from './blobs.ts'
import type { Viewer } from './features/access/viewer.ts'
import { PurgeResolver } from './features/retention/purge/purge.resolver.ts'
import { PURGE_PREFIX, PurgeService } from './features/retention/purge/purge.service.ts'
import { Purges } from './features/retention/purge/purges.ts'
import { Trash } from './features/retention/trash.ts'
import type { Foundation } from './foundation.ts'
import type { Outbox } from './platform/events/outbox.ts'
import type { NodeSource } from './platform/graphql/node.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

/** How media go for good: by request, and out of the trash. */
export interface PurgeParts {
  readonly purges: Purges
  readonly trash: Trash
  readonly resolvers: readonly object[]
  readonly nodes: readonly NodeSource<Viewer>[]
  readonly jobs: readonly JobKind[]
}

export function composePurges(
  { database, storage, fault, log }: Foundation,
  { blobs, outbox }: Pick<BlobParts, 'blobs'> & { readonly outbox: Outbox },
): PurgeParts {
  const purges = new Purges({
    database,
    blobs,
    storage,
    outbox,
    fault,
    onLeftover: error => log.warn({ err: error }, 'a purge could not be finished; it is tried again'),
  })
  const trash = new Trash({ database, purges })
  const records = new PurgeService({ database })
  return {
    purges,
    trash,
    resolvers: [new PurgeResolver(records)],
    nodes: [
      {
        typeName: 'MediaPurge',
        prefix: PURGE_PREFIX,
        getMany: (viewer, ids) => records.getMany(viewer, ids),
      },
    ],
    jobs: [
      { name: 'trash.empty', cron: '* * * * *', run: async () => void (await trash.empty()) },
      { name: 'purges.settle', cron: '* * * * *', run: async () => void (await purges.settle()) },
    ],
  }
}
