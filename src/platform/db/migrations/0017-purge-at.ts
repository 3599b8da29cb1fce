import type { MigrationInterface, QueryRunner } from 'typeorm'

/** When what is in the trash goes for good: promised at the deletion, whatever TRASH_DAYS becomes. */
export class PurgeAt1700000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE media ADD purge_at timestamptz(3)`)
    // Until now the trash was emptied by TRASH_DAYS as it was at the time: its default is what can be said of what lies there.
    await runner.query(
      `UPDATE media SET purge_at = deleted_at + interval '30 days' WHERE deleted_at IS NOT NULL`,
    )
    await runner.query(
      `ALTER TABLE media ADD CONSTRAINT media_purge_at CHECK ((purge_at IS NULL) = (deleted_at IS NULL))`,
    )
    await runner.query(`DROP INDEX media_in_trash`)
    await runner.query(`CREATE INDEX media_in_trash ON media (purge_at) WHERE purge_at IS NOT NULL`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX media_in_trash`)
    await runner.query(`CREATE INDEX media_in_trash ON media (deleted_at) WHERE deleted_at IS NOT NULL`)
    await runner.query(`ALTER TABLE media DROP purge_at`)
  }
}
