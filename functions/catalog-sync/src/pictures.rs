//! Copies of the goods' pictures: only from Giftishow, only pictures, only so large.

use std::time::Duration;

use catalog::{Goods, Picture};
use giftishow::BaseUrl;
use platform::{FindDue, Host, KeepPicture, StartError};
use reqwest::{Client, Url, redirect, retry};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::ask::Stop;
use crate::listings::ReadListings;
use crate::{Catalog, Running};

/// Hosts of Giftishow that pictures were seen on.
const HOSTS: [&str; 4] = ["biz.giftishow.com", "bizimg.giftishow.com", "imgs.giftishow.co.kr", PLAIN];
/// The only one that was seen to speak plain HTTP.
const PLAIN: &str = "t.giftishow.co.kr";
/// One picture, from connecting to its last byte.
const LONGEST_PICTURE: Duration = Duration::from_secs(10);
/// The largest was seen to have a few hundred kilobytes.
const MOST_BYTES: usize = 5 << 20;

/// Where copies go, and from where pictures may come.
pub struct Gallery<B> {
    bucket: B,
    client: Client,
    /// With a Giftishow on this machine, pictures come from this machine and from nowhere else.
    loopback: bool,
}

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum PictureFault {
    /// Not an address of Giftishow's.
    #[error("its address is not one of Giftishow's")]
    Elsewhere,
    /// No answer, or none with a picture.
    #[error("it was not answered: {0}")]
    Unanswered(String),
    /// Longer than is believable.
    #[error("it has more than {MOST_BYTES} bytes")]
    TooLarge,
    /// Something else.
    #[error("it is neither JPEG, PNG, GIF nor WebP")]
    NoPicture,
    /// The bucket did not take it.
    #[error(transparent)]
    NotKept(#[from] platform::PictureError),
}

impl<B: KeepPicture> Gallery<B> {
    /// Copies go to this bucket; pictures come from where this Giftishow has them.
    pub fn new(bucket: B, home: &BaseUrl) -> Result<Self, StartError> {
        let client = Client::builder()
            .retry(retry::never())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(LONGEST_PICTURE)
            .build()
            .map_err(|error| StartError::Needed(format!("the HTTP client for pictures: {error}")))?;
        Ok(Self { bucket, client, loopback: home.is_loopback() })
    }

    /// Copies one picture; where the copy is.
    pub async fn copy(&self, url: &str) -> Result<Picture, PictureFault> {
        let address = allowed(url, self.loopback).ok_or(PictureFault::Elsewhere)?;
        let bytes = self.fetch(address).await?;
        let (media_type, ending) = kind(&bytes).ok_or(PictureFault::NoPicture)?;
        let key = format!("goods/{}.{ending}", hex::encode(Sha256::digest(&bytes)));
        self.bucket.keep(&key, media_type, bytes).await?;
        Ok(Picture { url: url.to_owned(), key })
    }

    async fn fetch(&self, address: Url) -> Result<Vec<u8>, PictureFault> {
        let unanswered = |error: reqwest::Error| PictureFault::Unanswered(error.without_url().to_string());
        let mut answer = self.client.get(address).send().await.map_err(unanswered)?;
        // A redirect is no success either: it might lead anywhere.
        if answer.status() != reqwest::StatusCode::OK {
            return Err(PictureFault::Unanswered(answer.status().to_string()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unanswered)? {
            // Counted while it comes: the declared length may lie.
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(PictureFault::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// The address to ask, if it may be asked. Plain HTTP is raised to HTTPS but for the one host that has nothing else.
fn allowed(url: &str, loopback: bool) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    if loopback {
        let home = BaseUrl::parse(&url.origin().ascii_serialization()).ok()?;
        return home.is_loopback().then_some(url);
    }
    let host = url.host_str().filter(|host| HOSTS.contains(host))?.to_owned();
    if url.port().is_some() {
        return None;
    }
    match url.scheme() {
        "https" => Some(url),
        "http" if host == PLAIN => Some(url),
        "http" => url.set_scheme("https").ok().map(|()| url),
        _ => None,
    }
}

/// Media type and ending, by the first bytes: what the server calls it proves nothing.
fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(("image/jpeg", "jpg")),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(("image/png", "png")),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(("image/gif", "gif")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(("image/webp", "webp")),
        _ => None,
    }
}

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    L: ReadListings,
    C: Catalog,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    /// Copies the pictures of goods, if there is somewhere to copy them to; whether all of them are there. A picture that
    /// cannot be copied keeps nothing else from being stored.
    pub(crate) async fn copy_pictures(&mut self, goods: &mut Goods) -> Result<bool, Stop> {
        let sync = self.sync;
        let Some(gallery) = &sync.gallery else { return Ok(false) };
        let mut urls: Vec<String> =
            [&goods.goods_img_s, &goods.goods_img_b, &goods.mms_goods_img, &goods.goods_desc_img_web]
                .into_iter()
                .flatten()
                .cloned()
                .collect();
        urls.sort_unstable();
        urls.dedup();
        let mut complete = true;
        for url in urls {
            self.wait_for_turn(0).await?;
            match gallery.copy(&url).await {
                Ok(picture) => {
                    self.place.tally.pictures += 1;
                    goods.pictures.push(picture);
                }
                Err(fault) => {
                    complete = false;
                    self.place.tally.pictures_failed += 1;
                    tracing::warn!(goods_code = goods.code, url, "A picture was not copied: {fault}.");
                }
            }
        }
        Ok(complete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_from_giftishow_only_and_in_tests_from_this_machine_only() {
        let address = |url: &str, loopback| allowed(url, loopback).map(|url| url.to_string());
        for (url, asked) in [
            ("https://biz.giftishow.com/a.jpg", Some("https://biz.giftishow.com/a.jpg")),
            ("http://bizimg.giftishow.com/a.jpg", Some("https://bizimg.giftishow.com/a.jpg")),
            ("http://t.giftishow.co.kr/a.jpg", Some("http://t.giftishow.co.kr/a.jpg")),
            ("https://biz.giftishow.com.example.com/a.jpg", None),
            ("https://example.com/biz.giftishow.com", None),
            ("https://user@biz.giftishow.com/a.jpg", None),
            ("https://biz.giftishow.com:8443/a.jpg", None),
            ("ftp://biz.giftishow.com/a.jpg", None),
            ("http://127.0.0.1:8080/a.jpg", None),
            ("http://169.254.169.254/latest/meta-data", None),
            ("file:///etc/passwd", None),
        ] {
            assert_eq!(address(url, false).as_deref(), asked, "{url}");
        }
        assert!(address("http://127.0.0.1:8080/a.jpg", true).is_some());
        assert_eq!(address("https://biz.giftishow.com/a.jpg", true), None);
    }

    #[test]
    fn only_pictures_are_pictures() {
        assert_eq!(kind(&[0xFF, 0xD8, 0xFF, 0xE0]), Some(("image/jpeg", "jpg")));
        assert_eq!(kind(b"RIFF\x01\x02\x03\x04WEBPVP8 "), Some(("image/webp", "webp")));
        assert_eq!(kind(b"<svg onload=x>"), None);
        assert_eq!(kind(b""), None);
    }
}
