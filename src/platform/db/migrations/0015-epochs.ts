import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Which epochs of the stores this database knows, how far the scrubber has come, what inspections have found. */
export class Epochs1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['store_epoch', 'scrub_position', 'inspection'])
      await runner.query(`DROP TABLE ${table}`)
    await runner.query(`DROP INDEX blob_lost`)
  }
}

const STATEMENTS = [
  `CREATE TABLE store_epoch (
     id uuid CONSTRAINT store_epoch_pkey PRIMARY KEY,
     store_id text NOT NULL,
     is_stored boolean NOT NULL DEFAULT false,
     began_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE INDEX store_epoch_store ON store_epoch (store_id, began_at)`,

  `CREATE TABLE scrub_position (
     store_id text CONSTRAINT scrub_position_pkey PRIMARY KEY,
     after_blob uuid NOT NULL,
     next_folder integer NOT NULL)`,

  `CREATE TABLE inspection (
     source text CONSTRAINT inspection_pkey PRIMARY KEY,
     ended_at timestamptz(3) NOT NULL,
     hashed_bytes bigint NOT NULL,
     findings jsonb NOT NULL)`,

  `CREATE INDEX blob_lost ON blob (store_id) WHERE state = 'lost'`,
]
