//! Which declared route a request takes.

use std::collections::BTreeMap;

use super::event::percent_decoded;
use crate::template::Route;

/// A route together with what its placeholders stand for.
pub(super) struct Matched<'a> {
    pub(super) route: &'a Route,
    pub(super) parameters: BTreeMap<String, String>,
}

impl Matched<'_> {
    pub(super) fn route_key(&self) -> String {
        format!("{} {}", self.route.method, self.route.path)
    }
}

/// The first route that fits.
pub(super) fn find<'a>(routes: &'a [Route], method: &str, path: &str) -> Option<Matched<'a>> {
    routes
        .iter()
        .filter(|route| route.method == "ANY" || route.method == method)
        .find_map(|route| Some(Matched { route, parameters: parameters(&route.path, path)? }))
}

/// Values of the placeholders, or nothing if the path is another one. `{name}` is one segment, `{name+}` the rest.
fn parameters(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut segments = path.trim_start_matches('/').split('/');
    for wanted in pattern.trim_start_matches('/').split('/') {
        let placeholder = wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match placeholder.map(|name| (name.trim_end_matches('+'), name.ends_with('+'))) {
            Some((name, true)) => {
                let rest = segments.collect::<Vec<_>>().join("/");
                found.insert(name.to_owned(), percent_decoded(&rest));
                return Some(found);
            }
            Some((name, false)) => {
                let segment = segments.next().filter(|segment| !segment.is_empty())?;
                found.insert(name.to_owned(), percent_decoded(segment));
            }
            None => {
                segments.next().filter(|segment| *segment == wanted)?;
            }
        }
    }
    segments.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_segment_by_segment() {
        let cases = [
            ("/bleepy/{token}", "/bleepy/abc", Some("abc")),
            ("/bleepy/{token}", "/bleepy/a%2Fb", Some("a/b")),
            ("/bleepy/{token}", "/bleepy/", None),
            ("/bleepy/{token}", "/bleepy", None),
            ("/bleepy/{token}", "/bleepy/abc/", None),
            ("/bleepy/{token}", "/other/abc", None),
            ("/files/{token+}", "/files/a/b", Some("a/b")),
        ];
        for (pattern, path, expected) in cases {
            let found = parameters(pattern, path).and_then(|mut found| found.remove("token"));
            assert_eq!(found.as_deref(), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_method_counts() {
        let route = |method: &str| Route { function: "f".into(), method: method.into(), path: "/x".into() };
        assert!(find(&[route("POST")], "GET", "/x").is_none());
        assert_eq!(find(&[route("POST")], "POST", "/x").unwrap().route_key(), "POST /x");
        assert!(find(&[route("ANY")], "GET", "/x").is_some());
    }
}
