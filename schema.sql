-- The table of dumps in PostgreSQL 13 or newer, with one row per stored dump. The SQLite catalogue has the same columns.
-- The rows of a user, a conference or a session are searched newest first. This is why these three indexes have
-- session_start as their second column.

CREATE TABLE public.rtcstats(
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
    CONSTRAINT rtcstats_pkey PRIMARY KEY (id)
);

CREATE INDEX rtcstats_user_idx ON public.rtcstats (rtcstats_user, session_start);
CREATE INDEX rtcstats_conference_idx ON public.rtcstats (rtcstats_conference, session_start);
CREATE INDEX rtcstats_session_idx ON public.rtcstats (rtcstats_session, session_start);
CREATE INDEX rtcstats_start_idx ON public.rtcstats (session_start);
