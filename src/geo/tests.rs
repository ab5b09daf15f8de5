//! Look-ups in the small databases of tests/data, which the masking tests make.

use super::*;

fn open(name: &str) -> Result<Geo, GeoError> {
    Geo::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name))
}

fn place(continent: &str, country: &str, city: &str) -> Option<Location> {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(Location {
        continent: known(continent),
        country: known(country),
        city: known(city),
    })
}

#[test]
fn a_city_database_knows_cities() {
    let geo = open("city.mmdb").expect("a database of the tests");
    let lookup = |ip: &str| geo.lookup(ip.parse().expect("an address"));
    assert_eq!(lookup("203.0.113.31"), place("EU", "DE", "Berlin"));
    assert_eq!(lookup("198.51.100.7"), place("NA", "US", ""));
    assert_eq!(lookup("2001:db8:aaaa::1"), place("AS", "JP", "Tokyo"));
    assert_eq!(lookup("192.0.2.1"), None);
    assert_eq!(lookup("2001:db8:bbbb::1"), None);
    assert_eq!(lookup("100.64.0.1"), None, "known, but nothing of use");
}

#[test]
fn plain_texts_and_codes_are_read_too() {
    for name in ["flat.mmdb", "codes.mmdb"] {
        let geo = open(name).expect("a database of the tests");
        let lookup = |ip: &str| geo.lookup(ip.parse().expect("an address"));
        assert_eq!(lookup("203.0.113.31"), place("EU", "DE", "Berlin"), "{name}");
        assert_eq!(lookup("198.51.100.7"), place("NA", "US", ""), "{name}");
        assert_eq!(lookup("192.0.2.1"), None, "{name}");
    }
}

#[test]
fn a_database_without_places_is_told() {
    for (name, has_places) in [
        ("city.mmdb", true),
        ("country.mmdb", true),
        ("flat.mmdb", true),
        ("codes.mmdb", true),
        ("asn.mmdb", false),
    ] {
        let flaw = open(name).expect("a database of the tests").flaw();
        assert_eq!(flaw.is_none(), has_places, "{name}: {flaw:?}");
        assert!(flaw.is_none_or(|flaw| flaw.contains("\"GeoLite2-ASN\"")));
    }
}

/// Members of a type that nobody expects, beside one that is right.
#[test]
fn an_odd_member_does_not_cost_the_others() {
    for (record, expected) in [
        (r#"{"country": "DE", "city": 7}"#, place("", "DE", "")),
        (
            r#"{"country": {"iso_code": 7}, "city": "Berlin"}"#,
            place("", "", "Berlin"),
        ),
        (
            r#"{"country": {"names": {"en": "Germany"}}, "country_code": "DE"}"#,
            place("", "DE", ""),
        ),
        (r#"{"continent": ["EU"], "continent_code": "EU"}"#, place("EU", "", "")),
        (r#"{"country": "Germany"}"#, None),
        (r#"{"asn": "AS64496", "country": ""}"#, None),
    ] {
        let record: Record = serde_json::from_str(record).expect("an object");
        assert_eq!(record.location(), expected);
    }
}

#[test]
fn a_country_database_knows_countries() {
    let geo = open("country.mmdb").expect("a database of the tests");
    assert_eq!(
        geo.lookup("203.0.113.31".parse().expect("an address")),
        place("EU", "DE", "")
    );
}

#[test]
fn what_is_no_database_is_an_error_that_names_the_file() {
    for name in ["missing.mmdb", "tables.json"] {
        let error = open(name).err().expect("no database");
        assert!(error.to_string().contains(name), "{error}");
    }
}
