import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A key may have several secrets, each with its own end: their hashes move into a table of their own. */
export class Keys1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('A key may have two secrets by now: there is no way back.')
  }
}

const STATEMENTS = [
  `CREATE TABLE api_secret (
     id uuid CONSTRAINT api_secret_pkey PRIMARY KEY,
     key_id text NOT NULL CONSTRAINT api_secret_key_id_fkey REFERENCES api_key ON DELETE CASCADE,
     kind text NOT NULL CONSTRAINT api_secret_kind CHECK (kind IN ('secret', 'token')),
     algorithm text NOT NULL CONSTRAINT api_secret_algorithm CHECK (algorithm IN ('hmac', 'argon2id')),
     hash bytea NOT NULL,
     salt bytea,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     expires_at timestamptz(3),
     CONSTRAINT api_secret_salt CHECK ((algorithm = 'argon2id') = (salt IS NOT NULL)),
     CONSTRAINT api_secret_findable CHECK (kind <> 'token' OR algorithm = 'hmac'))`,
  `CREATE INDEX api_secret_key ON api_secret (key_id)`,
  `CREATE UNIQUE INDEX api_secret_token ON api_secret (hash) WHERE kind = 'token'`,
  `INSERT INTO api_secret (id, key_id, kind, algorithm, hash, created_at)
     SELECT gen_random_uuid(), id, 'secret', 'hmac', secret_hash, created_at FROM api_key WHERE revoked_at IS NULL`,
  `ALTER TABLE api_key DROP COLUMN secret_hash`,
]
