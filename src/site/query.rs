//! The query of a URL, as a form sends it (application/x-www-form-urlencoded).
//!
//! Empty fields count as absent. Of a name that comes twice, the first value counts. Nothing fails.
use hyper::Uri;
use url::form_urlencoded;

/// Names and values, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(uri: &Uri) -> Query {
        let text = uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
        Query(pairs.filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// The value of a field, without blanks around it.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim())
    }

    /// All values of a field that may come several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(own, _)| own == name);
        found.map(|(_, value)| value.trim()).collect()
    }

    /// The query with this field set to another value, as text behind a question mark.
    pub fn with(&self, name: &str, value: &str) -> String {
        let others = self.0.iter().filter(|(own, _)| own != name);
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(others).append_pair(name, value);
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_empty_ones_are_absent() {
        let query = Query::of(&"/?user=a%20b+c&session=&user=x&since=%207d".parse().unwrap());
        assert_eq!(query.get("user"), Some("a b c"));
        assert_eq!(query.get("session"), None);
        assert_eq!(query.get("since"), Some("7d"));
        assert_eq!(query.all("user"), ["a b c", "x"]);
        assert_eq!(
            query.with("until", "ä&b"),
            "user=a+b+c&user=x&since=+7d&until=%C3%A4%26b"
        );
        assert_eq!(Query::of(&"/".parse().unwrap()), Query::default());
    }
}
