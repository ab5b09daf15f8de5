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

-- What was found in a call stands in its metadata, each rule of docs/findings.md with its highest severity:
-- {"findings": {"ice.failed": "critical", "net.rtt": "info"}}. An empty object says that nothing was found; without the
-- member the dump was not examined, and "findingsMissing" says why if it should have been. The index serves the operators
-- of jsonb:
--
--     SELECT count(*) FROM rtcstats WHERE metadata -> 'findings' ? 'ice.failed';
--     SELECT id FROM rtcstats WHERE metadata -> 'findings' @> '{"ice.failed": "critical"}';
--     SELECT id FROM rtcstats WHERE metadata -> 'findings' @? '$.* ? (@ == "critical")';
--
-- In the SQLite catalogue an index has the same name, on session_start, id and
-- CASE WHEN json_valid(metadata) THEN json_extract(metadata, '$.findings') END.
CREATE INDEX rtcstats_findings_idx ON public.rtcstats USING gin ((metadata -> 'findings'));

-- With features.tables there are three more, which `rtcstats-server migrate` makes, and to which it adds the columns of
-- new features: rtcstats_features_client, rtcstats_features_connection and rtcstats_features_track. A dump's rows in them
-- are written in the transaction of its row and removed with it; the server needs SELECT, INSERT and DELETE. Behind the
-- key each has a column for each feature of docs/features.md, in its order: numberOfEvents is number_of_events, and the
-- types boolean, integer, real, text and JSON are boolean, bigint, double precision, text and jsonb.
--
--     rtcstats_features_client      dump_id uuid                             PRIMARY KEY (dump_id)
--     rtcstats_features_connection  dump_id uuid, connection_number integer  PRIMARY KEY (dump_id, connection_number)
--     rtcstats_features_track       dump_id uuid, connection_number integer, track_number integer
--                                   PRIMARY KEY (dump_id, connection_number, track_number)
--
-- In the SQLite catalogue they have the same names and columns; the server makes them itself.
