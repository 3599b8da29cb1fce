import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Uploads whose bytes come apart from the request that asked for them: tickets, and resumable uploads by tus. */
export class Uploads1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE tus_upload`)
    await runner.query(`DROP TABLE upload_ticket`)
  }
}

const STATEMENTS = [
  `CREATE TABLE upload_ticket (
     id uuid CONSTRAINT upload_ticket_pkey PRIMARY KEY,
     account_id text NOT NULL,
     principal text NOT NULL,
     fields jsonb NOT NULL,
     on_duplicate text NOT NULL,
     replaces uuid,
     if_match text,
     file_name text,
     declared_type text,
     size bigint CONSTRAINT upload_ticket_size CHECK (size >= 0),
     max_size bigint,
     sha256 text CONSTRAINT upload_ticket_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
     accept text[],
     state text NOT NULL CONSTRAINT upload_ticket_state CHECK (state IN ('open', 'received', 'completed')),
     blob_id uuid,
     is_presigned boolean NOT NULL DEFAULT false,
     received_size bigint,
     received_sha256 text,
     received_type text,
     media_id uuid,
     expires_at timestamptz(3) NOT NULL,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     CONSTRAINT upload_ticket_received CHECK (state <> 'received' OR
       (blob_id IS NOT NULL AND received_size IS NOT NULL AND received_sha256 IS NOT NULL AND received_type IS NOT NULL)),
     CONSTRAINT upload_ticket_completed CHECK (state <> 'completed' OR media_id IS NOT NULL))`,
  `CREATE INDEX upload_ticket_expires ON upload_ticket (expires_at)`,

  `CREATE TABLE tus_upload (
     id uuid CONSTRAINT tus_upload_pkey PRIMARY KEY,
     account_id text NOT NULL,
     principal text NOT NULL,
     ticket_id uuid CONSTRAINT tus_upload_ticket_id_fkey REFERENCES upload_ticket ON DELETE CASCADE,
     metadata text NOT NULL,
     kind text NOT NULL CONSTRAINT tus_upload_kind CHECK (kind IN ('whole', 'partial', 'final')),
     part_ids uuid[],
     length bigint CONSTRAINT tus_upload_length CHECK (length >= 0),
     blob_id uuid,
     state text NOT NULL CONSTRAINT tus_upload_state CHECK (state IN ('open', 'finished', 'ended')),
     media_id uuid,
     unverified_from bigint,
     lock_number integer NOT NULL DEFAULT 0,
     locked_until timestamptz(3),
     lock_wanted boolean NOT NULL DEFAULT false,
     is_torn boolean NOT NULL DEFAULT false,
     expires_at timestamptz(3) NOT NULL,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     CONSTRAINT tus_upload_parts CHECK ((kind = 'final') = (part_ids IS NOT NULL)))`,
  `CREATE INDEX tus_upload_expires ON tus_upload (expires_at)`,
  `CREATE INDEX tus_upload_ticket ON tus_upload (ticket_id)`,
  // Up to a thousand parts are too many for a row of a B-tree.
  `CREATE INDEX tus_upload_by_parts ON tus_upload USING hash (part_ids) WHERE kind = 'final'`,
]
