//! The features of the call, each with its unit and its definition.
use std::collections::BTreeMap;

use serde_json::Value;

use super::head::{Definition, Definitions, Feature, Features, Owned};
use crate::features::{self, CLIENT, Cell, EVENTS, STATISTICS, TRACK};
use crate::limits::VIEW_FEATURES_MAX;

/// What the extractor has found; absent features are left out. Of connections and tracks, the first
/// `VIEW_FEATURES_MAX`.
pub fn features(found: &features::Features) -> Features {
    let (mut client, mut connection, mut track) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let of_client = named(names(CLIENT, &mut client), found.client());
    let of_connections = [names(EVENTS, &mut connection), names(STATISTICS, &mut connection)].concat();
    let of_tracks = names(TRACK, &mut track);
    let connections = found.connections().take(VIEW_FEATURES_MAX).enumerate();
    let tracks = found.tracks().take(VIEW_FEATURES_MAX);
    let own = |names: &[&'static str], connection, cells| Owned {
        connection,
        features: named(names.to_vec(), cells),
    };
    Features {
        client: of_client,
        connections: connections.map(|(at, cells)| own(&of_connections, at, cells)).collect(),
        tracks: tracks.map(|(at, cells)| own(&of_tracks, at, cells)).collect(),
        definitions: Definitions {
            client,
            connection,
            track,
        },
    }
}

fn names<S>(
    all: &'static [features::Feature<S>],
    definitions: &mut BTreeMap<&'static str, Definition>,
) -> Vec<&'static str> {
    for feature in all {
        let about: Vec<&str> = feature.rule.iter().map(|line| line.trim()).collect();
        definitions.insert(
            feature.name,
            Definition {
                unit: feature.unit,
                about: about.join(" "),
            },
        );
    }
    all.iter().map(|feature| feature.name).collect()
}

fn named(names: Vec<&'static str>, cells: Vec<Cell<'_>>) -> Vec<Feature> {
    let known = names.into_iter().zip(cells);
    known
        .filter_map(|(name, cell)| {
            Some(Feature {
                name,
                value: value(&cell)?,
            })
        })
        .collect()
}

fn value(cell: &Cell<'_>) -> Option<Value> {
    match cell {
        Cell::Null => None,
        Cell::Boolean(value) => Some((*value).into()),
        Cell::Integer(value) => Some((*value).into()),
        Cell::Real(value) => Some((*value).into()),
        Cell::Text(text) => Some(text.as_ref().into()),
        Cell::Json(text) => serde_json::from_str(text).ok(),
    }
}
