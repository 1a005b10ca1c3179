use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use thiserror::Error;

use crate::aws::Aws;

/// Keeps pictures under names that are made from their content.
pub trait KeepPicture {
    /// Keeps a picture. One that is there already stays: the same name is the same content.
    fn keep(
        &self,
        key: &str,
        media_type: &'static str,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), PictureError>>;
}

/// Why a picture could not be kept.
#[derive(Debug, Error)]
#[error("a picture could not be kept: {code}")]
pub struct PictureError {
    code: String,
}

/// A bucket of S3.
pub struct PictureBucket {
    client: Client,
    name: String,
}

impl PictureBucket {
    /// The bucket of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

impl KeepPicture for PictureBucket {
    async fn keep(&self, key: &str, media_type: &'static str, bytes: Vec<u8>) -> Result<(), PictureError> {
        let request = self.client.put_object().bucket(&self.name).key(key).content_type(media_type);
        match request.if_none_match("*").body(ByteStream::from(bytes)).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.code() {
                Some("PreconditionFailed") => Ok(()),
                code => Err(PictureError { code: code.unwrap_or("no answer").to_owned() }),
            },
        }
    }
}
