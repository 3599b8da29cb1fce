import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Quotas of accounts, and how many media each has: counted in the transaction that makes or removes one, whoever does. */
export class Quotas1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER media_items_added ON media`)
    await runner.query(`DROP TRIGGER media_items_removed ON media`)
    await runner.query(`DROP FUNCTION media_items_count`)
    await runner.query(`ALTER TABLE account DROP used_items, DROP quota_bytes, DROP quota_items`)
  }
}

const STATEMENTS = [
  `ALTER TABLE account
     ADD used_items bigint NOT NULL DEFAULT 0 CONSTRAINT account_used_items CHECK (used_items >= 0),
     ADD quota_bytes bigint CONSTRAINT account_quota_bytes CHECK (quota_bytes >= -1),
     ADD quota_items bigint CONSTRAINT account_quota_items CHECK (quota_items >= -1)`,

  // Once a statement, and its accounts in one order: two that remove media of the same accounts wait for each other, and no more.
  `CREATE FUNCTION media_items_count() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE part record;
     BEGIN
       FOR part IN SELECT account_id, count(*) AS n FROM changed GROUP BY account_id ORDER BY account_id LOOP
         UPDATE account SET used_items = used_items + CASE TG_OP WHEN 'INSERT' THEN part.n ELSE -part.n END
         WHERE id = part.account_id;
       END LOOP;
       RETURN NULL;
     END $$`,
  `CREATE TRIGGER media_items_added AFTER INSERT ON media
     REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION media_items_count()`,
  `CREATE TRIGGER media_items_removed AFTER DELETE ON media
     REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION media_items_count()`,

  // Behind the triggers, whose making has locked out whoever writes media.
  `UPDATE account SET used_items = counted.n
   FROM (SELECT account_id, count(*) AS n FROM media GROUP BY account_id) counted WHERE counted.account_id = account.id`,
]
