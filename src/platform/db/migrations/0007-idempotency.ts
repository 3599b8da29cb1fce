import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Keys of all requests that make something, of several things too. Nothing has written to the table until now. */
export class Idempotency1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE idempotency`)
    await runner.query(
      `CREATE TABLE idempotency (
         account_id text NOT NULL,
         principal text NOT NULL,
         key text NOT NULL,
         item integer NOT NULL DEFAULT 0,
         operation text NOT NULL,
         request_hash text NOT NULL,
         result_id text NOT NULL,
         created_at timestamptz(3) NOT NULL DEFAULT now(),
         CONSTRAINT idempotency_pkey PRIMARY KEY (account_id, principal, key, item))`,
    )
    await runner.query(`CREATE INDEX idempotency_created ON idempotency (created_at)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE idempotency`)
    await runner.query(
      `CREATE TABLE idempotency (
         account_id text NOT NULL,
         principal text NOT NULL,
         key text NOT NULL,
         request_hash text NOT NULL,
         media_id uuid,
         created_at timestamptz(3) NOT NULL DEFAULT now(),
         CONSTRAINT idempotency_pkey PRIMARY KEY (account_id, principal, key))`,
    )
    await runner.query(`CREATE INDEX idempotency_created ON idempotency (created_at)`)
  }
}
