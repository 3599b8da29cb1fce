import type { Sql } from '../../platform/db/database.ts'
import type { FindingCode } from './doctor/findings.ts'

/** Who has looked: each source has its last inspection remembered. */
export type InspectionSource = 'doctor' | 'scrubber' | 'epochs'

export interface FindingCount {
  readonly store: string | null
  readonly code: FindingCode
  readonly count: number
}

export interface InspectionResult {
  readonly findings: readonly { readonly store: string | null; readonly code: FindingCode }[]
  readonly bytesHashed: number
}

export interface LastInspection {
  readonly source: InspectionSource
  readonly endedAt: Date
  readonly hashedBytes: number
  readonly findings: readonly FindingCount[]
}

/** What was found last, for the metrics of every node: the command line has none of its own. */
export class Inspections {
  constructor(private readonly deps: { readonly database: Sql }) {}

  async note(source: InspectionSource, { findings, bytesHashed }: InspectionResult): Promise<void> {
    await this.deps.database.query(
      `INSERT INTO inspection (source, ended_at, hashed_bytes, findings) VALUES ($1, clock_timestamp(), $2, $3)
       ON CONFLICT (source) DO UPDATE SET ended_at = excluded.ended_at, hashed_bytes = excluded.hashed_bytes,
         findings = excluded.findings`,
      [source, bytesHashed, JSON.stringify(counted(findings))],
    )
  }

  async last(): Promise<LastInspection[]> {
    return this.deps.database.query(
      `SELECT source, ended_at AS "endedAt", hashed_bytes::float8 AS "hashedBytes", findings FROM inspection`,
    )
  }
}

function counted(findings: InspectionResult['findings']): FindingCount[] {
  const counts = new Map<string, FindingCount>()
  for (const { store, code } of findings) {
    const name = `${store ?? ''} ${code}`
    counts.set(name, { store, code, count: (counts.get(name)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}
