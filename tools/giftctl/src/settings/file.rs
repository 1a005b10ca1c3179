use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;

use super::{Keys, is_loopback};
use crate::failure::Failure;

/// A file of settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) stack: Option<String>,
    pub(super) region: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) endpoint_url: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<SecretString>,
}

impl File {
    pub(super) fn keys(&self) -> Option<Keys> {
        Some(Keys { id: self.access_key_id.clone()?, secret: self.secret_access_key.clone()? })
    }

    fn is_on_this_machine(&self) -> bool {
        let url = self.endpoint_url.as_deref().and_then(|url| url.parse().ok());
        url.is_some_and(|url| is_loopback(&url))
    }
}

/// The operator's own file; nobody else may read it.
pub(super) fn home(path: &Path) -> Result<File, Failure> {
    let Some((text, metadata)) = read(path)? else { return Ok(File::default()) };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let said = format!("{} may be read by others (mode {mode:04o})", path.display());
        return Err(Failure::configuration(said).mend(format!("chmod 600 {}", path.display())));
    }
    let file = parse(path, &text)?;
    if file.access_key_id.is_some() && !file.is_on_this_machine() {
        let said = format!("{} has keys, but no endpoint on this machine", path.display());
        let mend = "Keep keys where the AWS command line keeps them (`aws configure`), and name the `profile` here.";
        return Err(Failure::configuration(said).mend(mend));
    }
    Ok(file)
}

/// What `cargo local` has written, here or above. It may come with any directory: whatever it says stays on this machine.
pub(super) fn local(directory: &Path) -> Result<Option<File>, Failure> {
    for place in directory.ancestors() {
        let path = place.join(".local/giftctl.toml");
        let Some((text, _)) = read(&path)? else { continue };
        let file = parse(&path, &text)?;
        if file.is_on_this_machine() {
            return Ok(Some(file));
        }
        return Err(Failure::configuration(format!("{}: endpoint_url must be on this machine", path.display())));
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Option<(String, Metadata)>, Failure> {
    let read = fs::read_to_string(path).and_then(|text| Ok((text, fs::metadata(path)?)));
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Failure::configuration(format!("{} cannot be read: {error}", path.display()))),
    }
}

fn parse(path: &Path, text: &str) -> Result<File, Failure> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        // The whole error quotes the line, which may hold a key.
        Failure::configuration(format!("{}: {}", path.display(), error.message()))
    })
}
