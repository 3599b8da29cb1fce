import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The audit log: append-only, chained account by account, with what stands for the rows that were removed by their age. */
export class Audit1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: an audit log is not removed.')
  }
}

const UP = [
  `CREATE TABLE audit_event (
     id uuid CONSTRAINT audit_event_pkey PRIMARY KEY,
     seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account_id text NOT NULL,
     occurred_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
     principal text NOT NULL,
     action text NOT NULL,
     subject_id text,
     outcome text NOT NULL CONSTRAINT audit_event_outcome CHECK (outcome IN ('done', 'refused')),
     code text,
     rule text,
     request_id text,
     details jsonb NOT NULL DEFAULT '{}',
     count integer NOT NULL DEFAULT 1 CONSTRAINT audit_event_count CHECK (count > 0),
     flood text,
     number bigint,
     key_id text,
     seal bytea,
     CONSTRAINT audit_event_sealed CHECK ((number IS NULL) = (seal IS NULL) AND (number IS NULL) = (key_id IS NULL)))`,
  `CREATE INDEX audit_event_unsealed ON audit_event (account_id, seq) WHERE number IS NULL`,
  `CREATE UNIQUE INDEX audit_event_number ON audit_event (account_id, number)`,
  `CREATE UNIQUE INDEX audit_event_flood ON audit_event (flood)`,
  `CREATE INDEX audit_event_time ON audit_event (account_id, occurred_at, id)`,
  `CREATE INDEX audit_event_principal ON audit_event (account_id, principal, occurred_at, id)`,
  `CREATE INDEX audit_event_action ON audit_event (account_id, action, occurred_at, id)`,
  `CREATE INDEX audit_event_subject ON audit_event (account_id, subject_id, occurred_at, id) WHERE subject_id IS NOT NULL`,
  `CREATE INDEX audit_event_refused ON audit_event (account_id, occurred_at, id) WHERE outcome = 'refused'`,

  `CREATE TABLE audit_chain (
     account_id text CONSTRAINT audit_chain_pkey PRIMARY KEY,
     number bigint NOT NULL DEFAULT 0,
     seal bytea NOT NULL,
     checkpoint_number bigint NOT NULL DEFAULT 0,
     base_number bigint NOT NULL DEFAULT 0,
     base_seal bytea NOT NULL,
     base_key_id text,
     base_mac bytea,
     CONSTRAINT audit_chain_order CHECK (base_number <= checkpoint_number AND checkpoint_number <= number),
     CONSTRAINT audit_chain_base CHECK ((base_number = 0) = (base_mac IS NULL) AND (base_number = 0) = (base_key_id IS NULL)))`,
  `CREATE TABLE audit_checkpoint (
     key text CONSTRAINT audit_checkpoint_pkey PRIMARY KEY,
     store_id text NOT NULL,
     account_id text NOT NULL,
     number bigint NOT NULL,
     written_at timestamptz(3) NOT NULL DEFAULT clock_timestamp())`,
  `CREATE INDEX audit_checkpoint_account ON audit_checkpoint (account_id, number)`,

  // Against mistakes of our own code, and against hands that mean no harm; what others do, the seals show.
  `CREATE FUNCTION audit_event_keep() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'UPDATE' THEN
         IF OLD.number IS NULL AND NEW.count >= OLD.count
            AND to_jsonb(NEW) - ARRAY['number', 'key_id', 'seal', 'count'] = to_jsonb(OLD) - ARRAY['number', 'key_id', 'seal', 'count']
         THEN RETURN NEW; END IF;
       ELSIF TG_OP = 'DELETE' THEN
         IF OLD.number <= (SELECT c.base_number FROM audit_chain c WHERE c.account_id = OLD.account_id)
         THEN RETURN OLD; END IF;
       END IF;
       RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
     END $$`,
  `CREATE TRIGGER audit_event_keep_row BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_keep()`,
  `CREATE TRIGGER audit_event_keep_table BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION audit_event_keep()`,
]
