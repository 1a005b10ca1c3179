use operation::Language;

/// What somebody reads, by their environment: Korean if it says so, else English.
pub(crate) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let said = names.into_iter().filter_map(variable).find(|value| !value.is_empty());
    if said.is_some_and(|value| value.starts_with("ko")) { Language::Ko } else { Language::En }
}

/// One of two.
pub(crate) fn pick<'a>(language: Language, korean: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::Ko => korean,
        Language::En => english,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_decides() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            of_environment(|name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.clone()))
        };
        assert_eq!(of(&[]), Language::En);
        assert_eq!(of(&[("LANG", "ko_KR.UTF-8")]), Language::Ko);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ko_KR.UTF-8")]), Language::Ko);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")]), Language::En);
    }
}
