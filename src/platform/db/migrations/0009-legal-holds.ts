import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Legal holds, their count on the media, and a last guard in the database itself. */
export class LegalHolds1700000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: what is held would be free to be deleted.')
  }
}

const STATEMENTS = [
  `ALTER TABLE media ADD open_holds integer NOT NULL DEFAULT 0
     CONSTRAINT media_open_holds CHECK (open_holds BETWEEN 0 AND 100)`,

  `CREATE TABLE legal_hold (
     id uuid CONSTRAINT legal_hold_pkey PRIMARY KEY,
     account_id text NOT NULL CONSTRAINT legal_hold_account_id_fkey REFERENCES account,
     media_id uuid NOT NULL CONSTRAINT legal_hold_media_id_fkey REFERENCES media ON DELETE CASCADE,
     reason text NOT NULL CONSTRAINT legal_hold_reason CHECK (reason <> ''),
     author text NOT NULL,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     released_at timestamptz(3),
     released_by text,
     CONSTRAINT legal_hold_released CHECK ((released_at IS NULL) = (released_by IS NULL)))`,
  `CREATE INDEX legal_hold_media ON legal_hold (media_id, created_at, id)`,
  `CREATE INDEX legal_hold_account ON legal_hold (account_id, created_at, id)`,
  `CREATE INDEX legal_hold_open ON legal_hold (account_id, created_at, id) WHERE released_at IS NULL`,

  // By it the reaper finds whose bytes a blob holds, and PostgreSQL whether a blob's row may go.
  `CREATE INDEX media_version_blob ON media_version (blob_id)`,

  // Code that forgets to ask the policy fails here, before anything is lost.
  `CREATE FUNCTION media_is_held() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       RAISE EXCEPTION 'media % is under legal hold', OLD.id USING ERRCODE = 'restrict_violation';
     END $$`,
  `CREATE TRIGGER media_held_row BEFORE DELETE ON media FOR EACH ROW
     WHEN (OLD.open_holds > 0) EXECUTE FUNCTION media_is_held()`,
  `CREATE TRIGGER media_held_content BEFORE UPDATE OF deleted_at, blob_id ON media FOR EACH ROW
     WHEN (OLD.open_holds > 0 AND (NEW.blob_id IS DISTINCT FROM OLD.blob_id
           OR (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)))
     EXECUTE FUNCTION media_is_held()`,
]
