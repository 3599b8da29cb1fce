import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How far an import has come. */
export class ImportProgress1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE media_import ADD received_bytes bigint NOT NULL DEFAULT 0, ADD total_bytes bigint,
         ADD attempts integer NOT NULL DEFAULT 0`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE media_import DROP received_bytes, DROP total_bytes, DROP attempts`)
  }
}
