import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Share links, and the counted downloads that their clients may go on with. */
export class Sharing1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE share_link, download_session')
  }
}

const STATEMENTS = [
  `CREATE TABLE share_link (
     id uuid CONSTRAINT share_link_pkey PRIMARY KEY,
     media_id uuid NOT NULL CONSTRAINT share_link_media_id_fkey REFERENCES media ON DELETE CASCADE,
     token_hash bytea NOT NULL CONSTRAINT share_link_token_hash CHECK (octet_length(token_hash) = 32),
     created_by text NOT NULL,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     expires_at timestamptz(3) NOT NULL,
     max_downloads integer NOT NULL DEFAULT 0 CONSTRAINT share_link_max_downloads CHECK (max_downloads >= 0),
     times_downloaded bigint NOT NULL DEFAULT 0,
     revoked_at timestamptz(3))`,
  `CREATE UNIQUE INDEX share_link_token ON share_link (token_hash)`,
  `CREATE INDEX share_link_media ON share_link (media_id, created_at, id)`,

  `CREATE TABLE download_session (
     id bytea CONSTRAINT download_session_pkey PRIMARY KEY
       CONSTRAINT download_session_id CHECK (octet_length(id) = 32),
     counted_at timestamptz(3) NOT NULL,
     probed boolean NOT NULL)`,
  `CREATE INDEX download_session_counted ON download_session (counted_at)`,
]
