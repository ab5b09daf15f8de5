-- Columns that tables of earlier programs lack. An id is not touched: such tables may number their rows themselves.
ALTER TABLE {table}
    ADD COLUMN IF NOT EXISTS created_at timestamp with time zone,
    ADD COLUMN IF NOT EXISTS rtcstats_user text,
    ADD COLUMN IF NOT EXISTS rtcstats_conference text,
    ADD COLUMN IF NOT EXISTS rtcstats_session text,
    ADD COLUMN IF NOT EXISTS metadata jsonb,
    ADD COLUMN IF NOT EXISTS blob_url text,
    ADD COLUMN IF NOT EXISTS features_url text,
    ADD COLUMN IF NOT EXISTS session_start timestamp with time zone,
    ADD COLUMN IF NOT EXISTS session_end timestamp with time zone;
