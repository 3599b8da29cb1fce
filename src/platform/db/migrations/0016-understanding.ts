import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What the gateway has found out about contents, how far it has come with that, and what scans have said. */
export class Understanding1700000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE redaction`)
    await runner.query(`DROP TABLE processing_step`)
    await runner.query(`DELETE FROM variant`)
    for (const column of ['mime_type', 'width', 'height', 'last_used_at'])
      await runner.query(`ALTER TABLE variant DROP ${column}`)
    for (const column of ['scan', 'scan_detail'])
      await runner.query(`ALTER TABLE media_version DROP ${column}`)
    await runner.query(`DROP INDEX media_in_processing`)
    for (const column of ['facts', 'technical_metadata', 'scan', 'scan_detail'])
      await runner.query(`ALTER TABLE media DROP ${column}`)
  }
}

const SCAN_STATES = `('NOT_CONFIGURED', 'PENDING', 'CLEAN', 'INFECTED', 'ERROR')`

const STATEMENTS = [
  `ALTER TABLE media
     ADD facts jsonb,
     ADD technical_metadata jsonb,
     ADD scan text NOT NULL DEFAULT 'NOT_CONFIGURED',
     ADD scan_detail text,
     ADD CONSTRAINT media_scan CHECK (scan IN ${SCAN_STATES})`,
  `ALTER TABLE media_version
     ADD scan text NOT NULL DEFAULT 'NOT_CONFIGURED',
     ADD scan_detail text,
     ADD CONSTRAINT media_version_scan CHECK (scan IN ${SCAN_STATES})`,
  `CREATE INDEX media_in_processing ON media (updated_at) WHERE status = 'PROCESSING'`,
  `CREATE INDEX media_by_open_scan ON media (account_id, scan, created_at, id)
     WHERE deleted_at IS NULL AND scan <> 'NOT_CONFIGURED' AND scan <> 'CLEAN'`,
  `CREATE INDEX media_version_content ON media_version (sha256)`,

  `ALTER TABLE variant
     ADD mime_type text NOT NULL,
     ADD width integer NOT NULL,
     ADD height integer NOT NULL,
     ADD last_used_at timestamptz(3) NOT NULL DEFAULT now()`,
  `CREATE INDEX variant_last_used ON variant (last_used_at)`,

  `CREATE TABLE processing_step (
     media_id uuid NOT NULL CONSTRAINT processing_step_media_id_fkey REFERENCES media (id) ON DELETE CASCADE,
     step text NOT NULL,
     content_version integer NOT NULL,
     state text NOT NULL,
     reason text,
     detail text,
     updated_at timestamptz(3) NOT NULL DEFAULT now(),
     CONSTRAINT processing_step_pkey PRIMARY KEY (media_id, step),
     CONSTRAINT processing_step_state CHECK (state IN ('WAITING', 'RUNNING', 'DONE', 'SKIPPED', 'FAILED')))`,
  `CREATE INDEX processing_step_failed ON processing_step (step, reason) WHERE state = 'FAILED'`,

  `CREATE TABLE redaction (
     account_id text NOT NULL,
     sha256 text NOT NULL,
     method integer NOT NULL,
     patches jsonb,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     CONSTRAINT redaction_pkey PRIMARY KEY (account_id, sha256))`,
]
