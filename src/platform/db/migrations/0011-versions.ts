import type { MigrationInterface, QueryRunner } from 'typeorm'

/** By it the sweep of old versions finds the media whose content was replaced, which are few. */
export class Versions1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX media_replaced ON media (content_version) WHERE content_version > 1`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX media_replaced`)
  }
}
