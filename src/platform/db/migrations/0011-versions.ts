import type { MigrationInterface, QueryRunner } from 'typeorm'

/** For the sweep of old versions, which looks for the few media whose content was replaced; and for the oldest of equal contents. */
export class Versions1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX media_replaced ON media (content_version) WHERE content_version > 1`)
    await runner.query(
      `CREATE INDEX media_by_content ON media (account_id, sha256, created_at, id) WHERE deleted_at IS NULL`,
    )
    // What it served, the longer one serves as well.
    await runner.query(`DROP INDEX media_by_sha256`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX media_by_sha256 ON media (account_id, sha256) WHERE deleted_at IS NULL`)
    await runner.query(`DROP INDEX media_by_content`)
    await runner.query(`DROP INDEX media_replaced`)
  }
}
