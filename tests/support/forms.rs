//! The three forms of the database table that are in use, as an operator may have them.
//!
//! One cluster holds all of them, each in its own schema, because a cluster takes seconds to make.

use super::Cluster;

const SCHEMA: &str = include_str!("../../schema.sql");

pub const WITHOUT_KEY: &str = "ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey";

/// The table that the previous server used: it numbers its rows itself, has no metadata and no features_url, and has
/// columns of other programs.
pub const NUMBERED: &str = "
    CREATE TABLE rtcstats(
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        created_at timestamp with time zone DEFAULT now() NOT NULL,
        rtcstats_user varchar(255),
        rtcstats_conference varchar(255),
        rtcstats_session varchar(255),
        blob_url text,
        session_start timestamp without time zone,
        session_end timestamp without time zone,
        host_identifier text,
        tenant text DEFAULT 'acme' NOT NULL,
        rating integer
    )";

/// The schemas that [`make`] puts the forms into. The table is called `rtcstats` in each.
pub const FORMS: [&str; 3] = ["exact", "keyless", "numbered"];

/// Makes all three forms in a cluster that has no table yet.
pub fn make(cluster: &Cluster) {
    let keyless = format!("{SCHEMA}; {WITHOUT_KEY}");
    for (form, sql) in FORMS.iter().zip([SCHEMA, &keyless, NUMBERED]) {
        cluster.execute(&format!(
            "{sql}; CREATE SCHEMA {form}; ALTER TABLE public.rtcstats SET SCHEMA {form}"
        ));
    }
}
