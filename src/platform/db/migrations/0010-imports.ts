import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Where pending media come from; and a legal hold lets the first content in, since it takes nothing away. */
export class Imports1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: imports that are under way would never end.')
  }
}

const STATEMENTS = [
  `CREATE TABLE media_import (
     media_id uuid CONSTRAINT media_import_pkey PRIMARY KEY
       CONSTRAINT media_import_media_id_fkey REFERENCES media ON DELETE CASCADE,
     url text NOT NULL,
     file_name text,
     created_at timestamptz(3) NOT NULL DEFAULT now())`,

  `DROP TRIGGER media_held_content ON media`,
  `CREATE TRIGGER media_held_content BEFORE UPDATE OF deleted_at, blob_id ON media FOR EACH ROW
     WHEN (OLD.open_holds > 0 AND ((OLD.blob_id IS NOT NULL AND NEW.blob_id IS DISTINCT FROM OLD.blob_id)
           OR (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)))
     EXECUTE FUNCTION media_is_held()`,
]
