//! The features of a dump as rows of tables, read from the JSON that is stored beside the dump.
//!
//! So the tables of a database have what the object has, whether the dump was packed a moment or a year ago. Values of
//! another type than their column's are null. Nothing fails; a text that is none of ours has no rows.
use super::output::{Table, columns, value_of};
use crate::database::{Cell, Column, FeatureRows, FeatureTables};
use crate::dump::json::Json;
use crate::limits::FEATURE_CELL_LEVELS_MAX;

/// The tables for features.
pub fn database_tables() -> FeatureTables {
    let named = |table| {
        let all = columns(table).into_iter();
        all.map(|(name, column)| (column_name(name), column)).collect()
    };
    FeatureTables {
        columns: [Table::Client, Table::Connection, Table::Track].map(named),
        read: rows,
    }
}

/// The name of a feature as the tables of the Node.js implementation have it: `connectionTime` is `connection_time`.
pub fn column_name(feature: &str) -> String {
    let mut name = String::with_capacity(feature.len() + 8);
    for character in feature.chars() {
        if character.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

fn rows(text: &[u8]) -> Option<FeatureRows<'_>> {
    let client = Json::parse(text).ok()?;
    let mut rows = FeatureRows {
        client: cells(Table::Client, client),
        ..FeatureRows::default()
    };
    for (number, connection) in client.get("peerConnections")?.elements().enumerate() {
        rows.connections.push(cells(Table::Connection, connection));
        let tracks = connection.get("tracks").unwrap_or(Json::NULL).elements();
        rows.tracks
            .extend(tracks.map(|track| (number, cells(Table::Track, track))));
    }
    Some(rows)
}

fn cells(table: Table, object: Json<'_>) -> Vec<Cell<'_>> {
    let cell = |(name, column): (&str, Column)| match object.get(name) {
        Some(json) if column != Column::Json || levels(json.raw()) <= FEATURE_CELL_LEVELS_MAX => value_of(column, json),
        _ => Cell::Null,
    };
    columns(table).into_iter().map(cell).collect()
}

/// How deep lists and objects lie in each other.
fn levels(json: &[u8]) -> usize {
    let (mut deepest, mut open, mut is_text, mut is_escaped) = (0, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => open += 1,
            b']' | b'}' if !is_text => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_those_of_the_other_implementation() {
        for (feature, column) in [
            ("rid", "rid"),
            ("connectionIdentifier", "connection_identifier"),
            ("numberOfEventsNotGetStats", "number_of_events_not_get_stats"),
            ("packetsSentWithEct1", "packets_sent_with_ect1"),
            ("psnrSumY", "psnr_sum_y"),
        ] {
            assert_eq!(column_name(feature), column);
        }
        for table in database_tables().columns {
            let mut names: Vec<String> = table.into_iter().map(|column| column.0).collect();
            assert!(names.iter().all(|name| name.len() < 64), "PostgreSQL would cut a name");
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }

    #[test]
    fn what_does_not_fit_its_column_is_null() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let text = format!(
            r#"{{"hardwareConcurrency":"8","deviceMemory":8,"screen":{{"a":"]]\"["}},"window":{deep},
                "peerConnections":[{{"closed":true,"tracks":[{{"kind":"audio","startTime":1.5}}]}},7,{{"tracks":0}}]}}"#
        );
        let rows = rows(text.as_bytes()).unwrap();
        let at = |table: usize, name: &str| {
            let columns = &database_tables().columns[table];
            columns.iter().position(|column| column.0 == name).unwrap()
        };
        let of_client = |name| rows.client[at(0, name)].clone();
        assert_eq!(of_client("hardware_concurrency"), Cell::Null);
        assert_eq!(of_client("device_memory"), Cell::Real(8.0));
        assert_eq!(of_client("screen"), Cell::Json(r#"{"a":"]]\"["}"#.into()));
        assert_eq!(of_client("window"), Cell::Null);
        assert_eq!(rows.connections.len(), 3);
        assert_eq!(rows.connections[0][at(1, "closed")], Cell::Boolean(true));
        assert_eq!(rows.tracks.len(), 1);
        assert_eq!(rows.tracks[0].0, 0);
        assert_eq!(rows.tracks[0].1[at(2, "kind")], Cell::Text("audio".into()));
        for text in ["", "[]", "{}", "null"] {
            assert_eq!(super::rows(text.as_bytes()), None, "{text}");
        }
    }
}
