use std::net::IpAddr;

use ipnet::IpNet;
use platform::{ConfigError, Env};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Path of the callback; the token follows.
pub(crate) const PATH: &str = "/bleepy/";
const TOKEN: &str = "CALLBACK_TOKEN_SHA256";
const CIDRS: &str = "ALLOWED_CIDRS";

/// Who may call: the digests of the callback's token, and optionally source addresses.
pub struct Access {
    tokens: Vec<[u8; 32]>,
    networks: Vec<IpNet>,
}

impl Access {
    /// Reads `CALLBACK_TOKEN_SHA256` (one hex digest, or two after a comma while rotating) and `ALLOWED_CIDRS`.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let digests = env.required(TOKEN)?;
        let tokens = digests.split(',').map(|text| {
            let mut digest = [0; 32];
            hex::decode_to_slice(text.trim(), &mut digest).map(|()| digest)
        });
        let tokens: Vec<_> = tokens
            .collect::<Result<_, _>>()
            .map_err(|_| ConfigError::malformed(TOKEN, "must be hex SHA-256 digests, separated by a comma"))?;

        let cidrs = env.optional(CIDRS).unwrap_or_default();
        let networks = cidrs.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::parse);
        let networks = networks
            .collect::<Result<_, _>>()
            .map_err(|_| ConfigError::malformed(CIDRS, "must be CIDR blocks, separated by commas"))?;
        Ok(Self { tokens, networks })
    }

    /// Whether this path is the callback's, with a token that is known. Some front doors hand the path on as it was asked
    /// for, some decode it: either may hold the token. Looks at every digest to its end, whatever the first one says.
    pub(crate) fn knows(&self, path: &str) -> bool {
        let Some(token) = path.strip_prefix(PATH) else { return false };
        let decoded = percent_decoded(token).map_or(Choice::from(0), |token| self.holds(&token));
        bool::from(self.holds(token.as_bytes()) | decoded)
    }

    fn holds(&self, token: &[u8]) -> Choice {
        let digest: [u8; 32] = Sha256::digest(token).into();
        self.tokens.iter().fold(Choice::from(0), |known, token| known | token.ct_eq(&digest))
    }

    /// Whether a call may come from this address.
    pub(crate) fn allows_address(&self, from: Option<&str>) -> bool {
        let address = from.and_then(|text| text.parse::<IpAddr>().ok());
        self.networks.is_empty()
            || address.is_some_and(|address| self.networks.iter().any(|net| net.contains(&address)))
    }
}

/// `%41` → `A`. Nothing if there is nothing to decode, or an escape that is none.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let before = bytes.len();
    for part in parts {
        let (escape, rest) = part.as_bytes().split_at_checked(2)?;
        bytes.extend(hex::decode(escape).ok()?);
        bytes.extend(rest);
    }
    (before < text.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // SHA-256 of "old" and of "new".
    const BOTH: &str = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4,\
                        11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

    // SHA-256 of the token with every kind of character below.
    const SPECIAL: &str = "3ac906a9e5b94150db50c364c51fd07381b8a523ba21a8d8146c3dfb23dd70ff";

    #[test]
    fn both_tokens_are_valid_while_rotating_and_nothing_else_is() {
        let access = Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", BOTH)])).unwrap();
        assert!(access.knows("/bleepy/old"));
        assert!(access.knows("/bleepy/new"));
        for path in ["/bleepy/other", "/bleepy/", "/bleepy", "/old", "old", "/bleepy/old/", "/other/old"] {
            assert!(!access.knows(path), "{path}");
        }
    }

    #[test]
    fn a_token_of_any_characters_is_known_decoded_and_encoded() {
        let token = "a{\" < >%41 b가";
        let access = Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", SPECIAL)])).unwrap();
        let encoded = "a%7B%22%20%3C%20%3E%2541%20b%EA%B0%80";
        for known in [token, encoded, &encoded.to_lowercase(), "%61{\"%20<%20>%2541 b가"] {
            assert!(access.knows(&format!("/bleepy/{known}")), "{known}");
        }
        for other in [
            "a{\" < >A b가",
            &encoded.replace("%2541", "%41"),
            &format!("{encoded}%"),
            &format!("{encoded}%4"),
            "%",
            "%zz",
            "%+1",
        ] {
            assert!(!access.knows(&format!("/bleepy/{other}")), "{other}");
        }
    }

    #[test]
    fn an_escape_that_is_none_decodes_to_nothing() {
        assert_eq!(percent_decoded("a%41%EA%B0%80b").as_deref(), Some("aA가b".as_bytes()));
        assert_eq!(percent_decoded("%FF").as_deref(), Some(&[0xff][..]));
        for text in ["", "plain", "%", "%4", "a%", "%zz", "%%41", "%가", "%+1"] {
            assert_eq!(percent_decoded(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_outside_the_allowed_networks_is_refused() {
        let env = Env::of(&[("CALLBACK_TOKEN_SHA256", BOTH), ("ALLOWED_CIDRS", "203.0.113.0/24, 2001:db8::/32")]);
        let access = Access::from_env(&env).unwrap();
        assert!(access.allows_address(Some("203.0.113.9")));
        assert!(access.allows_address(Some("2001:db8::1")));
        assert!(!access.allows_address(Some("198.51.100.9")));
        assert!(!access.allows_address(Some("nonsense")));
        assert!(!access.allows_address(None));
    }

    #[test]
    fn a_malformed_digest_or_network_is_named_at_start() {
        let error = |env: Env| Access::from_env(&env).err().unwrap().to_string();
        assert!(error(Env::of(&[])).contains("CALLBACK_TOKEN_SHA256 is missing"));
        assert!(error(Env::of(&[("CALLBACK_TOKEN_SHA256", "abc")])).contains("CALLBACK_TOKEN_SHA256 is malformed"));
        let cidrs = Env::of(&[("CALLBACK_TOKEN_SHA256", BOTH), ("ALLOWED_CIDRS", "203.0.113.0/33")]);
        assert!(error(cidrs).contains("ALLOWED_CIDRS is malformed"));
    }
}
