import type { MigrationInterface, QueryRunner } from 'typeorm'

/** By whose word a media expires, and into what; the door that it came by, which rules may go by; how far rules are applied. */
export class Expiry1700000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE retention_pass`)
    for (const index of ['media_in_expiry', 'media_by_end']) await runner.query(`DROP INDEX ${index}`)
    for (const column of ['door', 'expires_by', 'expires_for_good'])
      await runner.query(`ALTER TABLE media DROP ${column}`)
  }
}

const STATEMENTS = [
  `ALTER TABLE media
     ADD door text,
     ADD expires_by text,
     ADD expires_for_good boolean NOT NULL DEFAULT false`,
  // Nothing but a person's word has given a time so far.
  `UPDATE media SET expires_by = 'given' WHERE expires_at IS NOT NULL`,
  `ALTER TABLE media ADD CONSTRAINT media_expires_by CHECK (expires_at IS NULL OR expires_by IS NOT NULL)`,

  // For the sweep: what is held would otherwise stand in front of it for as long as it is held.
  `CREATE INDEX media_in_expiry ON media (expires_at)
     WHERE expires_at IS NOT NULL AND deleted_at IS NULL AND open_holds = 0`,
  // For the preview: what is in the trash goes at purge_at, and nothing else has one.
  `CREATE INDEX media_by_end ON media (account_id, coalesce(purge_at, expires_at), id)
     WHERE coalesce(purge_at, expires_at) IS NOT NULL`,

  `CREATE TABLE retention_pass (
     id integer CONSTRAINT retention_pass_pkey PRIMARY KEY CONSTRAINT retention_pass_one CHECK (id = 1),
     rules text NOT NULL,
     after_id uuid,
     finished_at timestamptz(3))`,
]
