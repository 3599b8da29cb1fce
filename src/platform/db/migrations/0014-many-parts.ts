import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Finds a final upload by its parts, of which there are up to a thousand: too many for a row of a B-tree. */
export class ManyParts1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX tus_upload_parts_key`)
    await runner.query(
      `CREATE INDEX tus_upload_by_parts ON tus_upload USING hash (part_ids) WHERE kind = 'final'`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX tus_upload_by_parts`)
    await runner.query(
      `CREATE INDEX tus_upload_parts_key ON tus_upload (account_id, part_ids) WHERE kind = 'final'`,
    )
  }
}
