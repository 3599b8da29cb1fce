import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What went for good: a record that outlives the media, and by which its last bytes are found. */
export class Purge1700000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement)
  }
}

const UP = [
  `CREATE TABLE purge (
     media_id uuid CONSTRAINT purge_pkey PRIMARY KEY,
     account_id text NOT NULL CONSTRAINT purge_account_id_fkey REFERENCES account,
     owner_id uuid,
     group_ids text[] NOT NULL DEFAULT '{}',
     requested_by text NOT NULL,
     requested_at timestamptz(3) NOT NULL DEFAULT now(),
     purged_at timestamptz(3),
     CONSTRAINT purge_groups CHECK (purged_at IS NULL OR group_ids = '{}'))`,
  `CREATE INDEX purge_open ON purge (requested_at) WHERE purged_at IS NULL`,

  // Bytes that no row of a media or a variant has any more, or has not yet: by these a purge finds them, and waits for them.
  `ALTER TABLE blob ADD of_media uuid, ADD of_content text`,
  `UPDATE blob b SET of_content = v.sha256 FROM variant v WHERE v.blob_id = b.id`,
  `CREATE INDEX blob_of_media ON blob (of_media) WHERE of_media IS NOT NULL`,
  `CREATE INDEX blob_of_content ON blob (account_id, of_content) WHERE of_content IS NOT NULL`,

  `CREATE INDEX upload_ticket_media ON upload_ticket (media_id) WHERE media_id IS NOT NULL`,
  `CREATE INDEX upload_ticket_replaces ON upload_ticket (replaces) WHERE replaces IS NOT NULL`,
  `CREATE INDEX tus_upload_media ON tus_upload (media_id) WHERE media_id IS NOT NULL`,

  // As with the media itself: code that forgets the hold fails here. With the media, its versions may go.
  `CREATE FUNCTION media_version_is_held() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF EXISTS (SELECT FROM media WHERE id = OLD.media_id AND open_holds > 0) THEN
         RAISE EXCEPTION 'media % is under legal hold', OLD.media_id USING ERRCODE = 'restrict_violation';
       END IF;
       RETURN OLD;
     END $$`,
  `CREATE TRIGGER media_version_held BEFORE DELETE ON media_version FOR EACH ROW
     EXECUTE FUNCTION media_version_is_held()`,
]

const DOWN = [
  `DROP TRIGGER media_version_held ON media_version`,
  `DROP FUNCTION media_version_is_held()`,
  `DROP INDEX tus_upload_media`,
  `DROP INDEX upload_ticket_replaces`,
  `DROP INDEX upload_ticket_media`,
  `ALTER TABLE blob DROP of_content, DROP of_media`,
  `DROP TABLE purge`,
]
