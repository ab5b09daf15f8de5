-- The table of dumps, one row per stored dump.
CREATE TABLE IF NOT EXISTS {table}(
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    rtcstats_user text,
    rtcstats_conference text,
    rtcstats_session text,
    metadata jsonb,
    blob_url text,
    features_url text,
    session_start timestamp with time zone,
    session_end timestamp with time zone,
    CONSTRAINT "{stem}_pkey" PRIMARY KEY (id)
);
