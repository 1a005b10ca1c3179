use std::net::IpAddr;

use ipnet::IpNet;
use platform::{ConfigError, Env};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Path of the callback; the token follows.
const PATH: &str = "/bleepy/";
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

    /// Whether this path, asked for from this address, is the callback. Looks at every digest to its end, whatever the
    /// first one says.
    pub fn allows(&self, path: &str, from: Option<&str>) -> bool {
        let token = path.strip_prefix(PATH).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = self.tokens.iter().fold(Choice::from(0), |known, token| known | token.ct_eq(&digest));
        bool::from(known) && path.starts_with(PATH) && self.allows_address(from)
    }

    fn allows_address(&self, from: Option<&str>) -> bool {
        let address = from.and_then(|text| text.parse::<IpAddr>().ok());
        self.networks.is_empty()
            || address.is_some_and(|address| self.networks.iter().any(|net| net.contains(&address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SHA-256 of "old" and of "new".
    const BOTH: &str = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4,\
                        11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

    #[test]
    fn both_tokens_are_valid_while_rotating_and_nothing_else_is() {
        let access = Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", BOTH)])).unwrap();
        assert!(access.allows("/bleepy/old", None));
        assert!(access.allows("/bleepy/new", None));
        for path in ["/bleepy/other", "/bleepy/", "/bleepy", "/old", "old", "/bleepy/old/", "/other/old"] {
            assert!(!access.allows(path, None), "{path}");
        }
    }

    #[test]
    fn an_address_outside_the_allowed_networks_is_refused() {
        let env = Env::of(&[("CALLBACK_TOKEN_SHA256", BOTH), ("ALLOWED_CIDRS", "203.0.113.0/24, 2001:db8::/32")]);
        let access = Access::from_env(&env).unwrap();
        assert!(access.allows("/bleepy/old", Some("203.0.113.9")));
        assert!(access.allows("/bleepy/old", Some("2001:db8::1")));
        assert!(!access.allows("/bleepy/old", Some("198.51.100.9")));
        assert!(!access.allows("/bleepy/old", Some("nonsense")));
        assert!(!access.allows("/bleepy/old", None));
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
