import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What finding needs: search text in any script, more orders and filters, tags as a list, collections. */
export class Finding1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('This migration has no way back: restore a backup of before it instead.')
  }
}

const TEXTS = 'name, original_file_name, title, description, alt_text, metadata_primary, metadata_secondary'

const STATEMENTS = [
  // Bodies by RETURN name what they call once and for all: PostgreSQL makes indexes with no search_path.
  // Outside ASCII, a character is written as its code point: pg_trgm knows letters by the database's LC_CTYPE, which may know
  // ASCII alone, and needs three of them, which a word of two ideographs has not.
  `CREATE FUNCTION media_search_code(folded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN (SELECT string_agg(CASE WHEN ascii(c) < 128 THEN c ELSE 'X' || to_hex(ascii(c)) || 'Z' END, '' ORDER BY n)
       FROM unnest(string_to_array(folded, NULL)) WITH ORDINALITY AS characters (c, n))`,
  // Compatible forms are one, accents are none, case does not count.
  `CREATE FUNCTION media_search_form(text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN CASE WHEN octet_length(text) = char_length(text) THEN lower(text)
       ELSE coalesce(media_search_code(translate(lower(normalize(regexp_replace(
         normalize(text, NFKD), '[\\u0300-\\u036f]', '', 'g'), NFC)), 'ς', 'σ')), '') END`,
  `CREATE FUNCTION media_search_pattern(term text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN '%' || regexp_replace(media_search_form(term), '([\\\\%_])', '\\\\\\1', 'g') || '%'`,
  // Of metadata the keys and the values, not their punctuation.
  `CREATE FUNCTION media_metadata_text(metadata jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN CASE WHEN metadata <> '{}' THEN (SELECT string_agg(v #>> '{}', E'\\n') FROM (
       SELECT jsonb_path_query(metadata, 'strict $.** ? (@.type() != "object" && @.type() != "array")')
       UNION ALL SELECT jsonb_path_query(metadata, 'strict $.** ? (@.type() == "object").keyvalue().key')) AS parts (v)) END`,

  `DROP INDEX media_by_search`,
  `DROP FUNCTION media_search_text`,
  `ALTER TABLE media ADD COLUMN search_text text`,
  `CREATE FUNCTION media_set_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       NEW.search_text := media_search_form(concat_ws(E'\\n', ${TEXTS.replace(/\w+/g, 'NEW.$&')},
         array_to_string(NEW.tags, E'\\n'), media_metadata_text(NEW.metadata)));
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER media_search_text BEFORE INSERT OR UPDATE OF tags, metadata, ${TEXTS} ON media
     FOR EACH ROW EXECUTE FUNCTION media_set_search_text()`,
  `UPDATE media SET tags = tags`,
  `CREATE INDEX media_by_search ON media USING gin (search_text gin_trgm_ops) WHERE deleted_at IS NULL`,

  // Orders and filters of what is not deleted; expressions are those of media.order.ts.
  `CREATE INDEX media_by_file_name ON media (account_id, (original_file_name COLLATE "C"), id) WHERE deleted_at IS NULL`,
  `CREATE INDEX media_by_title ON media
     (account_id, (title IS NULL), (left(coalesce(title, ''), 200) COLLATE "C"), id) WHERE deleted_at IS NULL`,
  `CREATE INDEX media_by_source ON media (account_id, source_type, created_at, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX media_by_open_status ON media (account_id, status, created_at, id)
     WHERE deleted_at IS NULL AND status <> 'COMPLETED'`,
  `CREATE INDEX media_by_public ON media (account_id, created_at, id) WHERE deleted_at IS NULL AND public`,
  `CREATE INDEX media_in_trash_by_created ON media (account_id, created_at, id) WHERE deleted_at IS NOT NULL`,

  // Tags as a list of their own, kept by the database: an index over an array cannot be read in order.
  `CREATE TABLE media_tag (
     media_id uuid NOT NULL CONSTRAINT media_tag_media_id_fkey REFERENCES media ON DELETE CASCADE,
     tag text NOT NULL,
     account_id text NOT NULL,
     CONSTRAINT media_tag_pkey PRIMARY KEY (media_id, tag))`,
  `CREATE INDEX media_by_tag ON media_tag (account_id, (tag COLLATE "C"), media_id)`,
  `CREATE FUNCTION media_set_tags() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'UPDATE' THEN DELETE FROM media_tag WHERE media_id = NEW.id; END IF;
       IF NEW.deleted_at IS NULL THEN
         INSERT INTO media_tag (media_id, tag, account_id) SELECT DISTINCT NEW.id, tag, NEW.account_id FROM unnest(NEW.tags) AS tag;
       END IF;
       RETURN NULL;
     END $$`,
  `CREATE TRIGGER media_tags_new AFTER INSERT ON media
     FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION media_set_tags()`,
  `CREATE TRIGGER media_tags_changed AFTER UPDATE OF tags, deleted_at ON media
     FOR EACH ROW WHEN (OLD.tags IS DISTINCT FROM NEW.tags OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
     EXECUTE FUNCTION media_set_tags()`,
  `INSERT INTO media_tag (media_id, tag, account_id)
     SELECT DISTINCT m.id, tag, m.account_id FROM media m, unnest(m.tags) AS tag WHERE m.deleted_at IS NULL`,

  `CREATE TABLE collection (
     id uuid CONSTRAINT collection_pkey PRIMARY KEY,
     account_id text NOT NULL CONSTRAINT collection_account_id_fkey REFERENCES account,
     owner_id uuid CONSTRAINT collection_owner_id_fkey REFERENCES owner,
     name text NOT NULL,
     description text,
     created_at timestamptz(3) NOT NULL DEFAULT now(),
     updated_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE INDEX collection_by_name ON collection (account_id, (name COLLATE "C"), id)`,
  `CREATE TABLE collection_media (
     collection_id uuid NOT NULL CONSTRAINT collection_media_collection_id_fkey REFERENCES collection ON DELETE CASCADE,
     media_id uuid NOT NULL CONSTRAINT collection_media_media_id_fkey REFERENCES media ON DELETE CASCADE,
     position bigint NOT NULL,
     added_at timestamptz(3) NOT NULL DEFAULT now(),
     CONSTRAINT collection_media_pkey PRIMARY KEY (collection_id, media_id))`,
  `CREATE INDEX collection_media_order ON collection_media (collection_id, position, media_id)`,
  `CREATE INDEX collection_media_of_media ON collection_media (media_id, collection_id)`,
]
