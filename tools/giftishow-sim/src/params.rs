//! The parameters of a request, as the service sees them.

use std::fmt;

/// Decoded form parameters, and the code at the end of the path. Names are case-sensitive; an empty value counts as missing.
#[derive(Clone)]
pub(crate) struct Params {
    form: Vec<(String, String)>,
    url_code: Option<String>,
}

impl Params {
    /// Reads a form body. Any other content type carries no parameters at all.
    pub(crate) fn read(content_type: Option<&str>, body: &[u8]) -> Self {
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let form = if is_form { url::form_urlencoded::parse(body).into_owned().collect() } else { Vec::new() };
        Self { form, url_code: None }
    }

    /// With what stood at the end of the path.
    pub(crate) fn with_url_code(self, code: Option<&str>) -> Self {
        Self { url_code: code.map(str::to_owned), ..self }
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let form = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { form, url_code: None }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.form.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// `goods_code` and `brand_code` of 0111 and 0112. A form field of that name counts for nothing there.
    pub(crate) fn url_code(&self) -> Option<&str> {
        self.url_code.as_deref().filter(|code| !code.is_empty())
    }

    /// The page that 0101 asks for; `None` if it is none.
    pub(crate) fn page(&self) -> Option<u64> {
        self.get("start").map_or(Some(1), number).filter(|page| *page > 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.form.is_empty()
    }
}

/// Decimal digits and nothing else.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.form.iter().map(|(name, _)| name)).finish()
    }
}
