import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Applications that sign their own tokens. */
export class Applications1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE application')
  }
}

const STATEMENTS = [
  `CREATE TABLE application (
     id text CONSTRAINT application_pkey PRIMARY KEY CONSTRAINT application_id_form CHECK (id ~ '^[A-Za-z0-9_-]{1,64}$'),
     account_id text NOT NULL CONSTRAINT application_account_id_fkey REFERENCES account,
     name text NOT NULL,
     public_key text NOT NULL,
     algorithm text NOT NULL CONSTRAINT application_algorithm CHECK (algorithm IN ('RS256', 'ES256', 'EdDSA')),
     scopes text[] NOT NULL,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     revoked_at timestamptz(3))`,
  `CREATE INDEX application_account ON application (account_id, created_at, id)`,
]
