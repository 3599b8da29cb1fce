import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Events that can be followed: by account, from a cursor on, and told of as soon as they are committed. */
export class Events1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement)
  }
}

const UP = [
  // The first finds what is new since a cursor, the second reads on from there in the order of events.
  `CREATE INDEX outbox_account ON outbox (account_id, xid, seq)`,
  `CREATE INDEX outbox_account_seq ON outbox (account_id, seq)`,
  `CREATE TABLE outbox_horizon (
     id integer CONSTRAINT outbox_horizon_pkey PRIMARY KEY CONSTRAINT outbox_horizon_one CHECK (id = 1),
     xid bigint NOT NULL)`,
  `INSERT INTO outbox_horizon (id, xid) VALUES (1, 0)`,
  // In the transaction of the event: listeners are told when it commits, and never when it does not.
  `CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN PERFORM pg_notify('outbox', NEW.account_id); RETURN NULL; END $$`,
  `CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION outbox_wake()`,
]

const DOWN = [
  `DROP TRIGGER outbox_wake ON outbox`,
  `DROP FUNCTION outbox_wake()`,
  `DROP TABLE outbox_horizon`,
  `DROP INDEX outbox_account_seq`,
  `DROP INDEX outbox_account`,
]
