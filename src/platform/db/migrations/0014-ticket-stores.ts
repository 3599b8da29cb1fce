import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Which store an upload asks for before its bytes come. */
export class TicketStores1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE upload_ticket ADD store_id text`)
    await runner.query(`ALTER TABLE media_import ADD store_id text`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE media_import DROP store_id`)
    await runner.query(`ALTER TABLE upload_ticket DROP store_id`)
  }
}
