//! The encryption of `custom_auth_token` (specification, "encryption settings"): AES-256, ECB, PKCS#7, then base64.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

/// Derives the token from the user's id. ECB hides neither repetition nor tampering, so this serves no other purpose.
pub(crate) fn derive_token(key: &[u8; 32], user_id: &str) -> SecretString {
    let sealed = ecb::Encryptor::<Aes256>::new(key.into()).encrypt_padded_vec::<Pkcs7>(user_id.as_bytes());
    STANDARD.encode(sealed).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn first_block(key: &str, plain: &str) -> String {
        let key: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
        let plain = hex::decode(plain).unwrap();
        let sealed = ecb::Encryptor::<Aes256>::new(&key.into()).encrypt_padded_vec::<Pkcs7>(&plain);
        hex::encode(&sealed[..16])
    }

    /// NIST SP 800-38A, F.1.5 (ECB-AES256.Encrypt).
    #[test]
    fn agrees_with_the_vectors_of_nist() {
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        for (plain, sealed) in [
            ("6bc1bee22e409f96e93d7e117393172a", "f3eed1bdb5d2a03c064b5a7e3db181f8"),
            ("ae2d8a571e03ac9c9eb76fac45af8e51", "591ccb10d410ed26dc5ba74a31362870"),
            ("30c81c46a35ce411e5fbc1191a0a52ef", "b6ed21b99ca6f4f9f153e7b1beafed1d"),
            ("f69f2445df4f9b17ad2b417be66c3710", "23304b7a39f9f3ff067d8d8f9e24ecc7"),
        ] {
            assert_eq!(first_block(key, plain), sealed);
        }
    }

    /// Made with `printf USER | openssl enc -aes-256-ecb -K <hex of the key> -base64 -A`: one block, two blocks, and
    /// a whole block of padding.
    #[test]
    fn agrees_with_openssl() {
        for (user_id, token) in [
            ("owner@shop.kr", "Em9atQ/xCN21MfDE9pcuaA=="),
            ("operator@example.com", "TOzwsbfBxIfApCYIBKthfubwGLhu+aC/L7avTVfhxc0="),
            ("0123456789abcdef", "+DyaYNwM25ghn3nW1dsWNYqjYkH96N8FTcMlxsaVuJ4="),
        ] {
            let derived = derive_token(b"0123456789abcdef0123456789abcdef", user_id);
            assert_eq!(derived.expose_secret(), token);
        }
    }
}
