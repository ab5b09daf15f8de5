-- Calls are looked up by what was found in them: {"findings": {"ice.failed": "critical", ...}} in the metadata. What is
-- no jsonb may be no JSON either, and an index must not refuse it: there the words of the object are indexed.
DO $migration$
BEGIN
    IF EXISTS (
        SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = pg_catalog.to_regclass('{table}') AND a.attname = 'metadata' AND NOT a.attisdropped
            AND 'pg_catalog.jsonb'::pg_catalog.regtype IN (t.oid, t.typbasetype)
    ) THEN
        CREATE INDEX IF NOT EXISTS "{stem}_findings_idx" ON {table} USING gin ((metadata -> 'findings'));
    ELSE
        CREATE INDEX IF NOT EXISTS "{stem}_findings_idx" ON {table}
            USING gin (string_to_array(translate(left(substring(metadata::text, '"findings" ?: ?[{]([a-z0-9".:, -]*)[}]'), 2600), ': "', ','), ','));
    END IF;
EXCEPTION
    -- A column of another type is searched without an index.
    WHEN cannot_coerce OR datatype_mismatch OR undefined_function OR undefined_object OR feature_not_supported
        OR invalid_object_definition THEN NULL;
END
$migration$;
