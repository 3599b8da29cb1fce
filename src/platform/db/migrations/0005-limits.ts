import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Failed logins, counted by all nodes together. */
export class Limits1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE login_failure (
         subject bytea CONSTRAINT login_failure_pkey PRIMARY KEY
           CONSTRAINT login_failure_subject CHECK (octet_length(subject) = 32),
         failures integer NOT NULL CONSTRAINT login_failure_failures CHECK (failures > 0),
         until timestamptz(3) NOT NULL)`,
    )
    await runner.query(`CREATE INDEX login_failure_until ON login_failure (until)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE login_failure`)
  }
}
