-- Users, conferences and sessions are looked up newest first, hence the second column of each index.
CREATE INDEX IF NOT EXISTS "{stem}_user_idx" ON {table} (rtcstats_user, session_start);
CREATE INDEX IF NOT EXISTS "{stem}_conference_idx" ON {table} (rtcstats_conference, session_start);
CREATE INDEX IF NOT EXISTS "{stem}_session_idx" ON {table} (rtcstats_session, session_start);
CREATE INDEX IF NOT EXISTS "{stem}_start_idx" ON {table} (session_start);

-- Every insert looks whether the dump has a row. Where the primary key does not serve that, this does; a hash, because
-- URLs can be longer than what other indexes take.
DO $migration$
DECLARE
    key text := CASE WHEN EXISTS (
        SELECT 1 FROM pg_catalog.pg_attribute
        WHERE attrelid = pg_catalog.to_regclass('{table}') AND attname = 'id'
            AND atttypid = 'pg_catalog.uuid'::pg_catalog.regtype AND NOT attisdropped AND attgenerated = ''
    ) THEN 'id' ELSE 'blob_url' END;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = pg_catalog.to_regclass('{table}') AND a.attname = key AND i.indpred IS NULL AND i.indisvalid
    ) THEN
        EXECUTE pg_catalog.format('CREATE INDEX ON %s USING hash (%I)', pg_catalog.to_regclass('{table}'), key);
    END IF;
END
$migration$;
