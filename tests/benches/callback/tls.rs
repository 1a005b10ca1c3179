//! TLS in front of the local DynamoDB, with a certificate made for it by `openssl`: a crate that makes some would change how
//! the functions' own TLS is built.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The roots that a machine trusts: reading them all is part of a start-up.
const ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// A certificate of this host for a day, by its own key.
const OPENSSL: [&str; 15] = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "1",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
];

/// Takes TLS and hands on what is in it.
pub(crate) struct Tls {
    /// Base URL.
    pub(crate) endpoint: String,
    /// Value of `SSL_CERT_FILE`: the machine's roots, and its own.
    pub(crate) roots: PathBuf,
}

impl Tls {
    /// In front of this address; its files come into `folder`.
    pub(crate) async fn start(target: SocketAddr, folder: &Path) -> Result<Self> {
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(OPENSSL).arg("-out").arg(&certificate).arg("-keyout").arg(&key);
        let made = openssl.output().await.context("openssl cannot be started")?;
        ensure!(made.status.success(), "openssl makes no certificate: {}", String::from_utf8_lossy(&made.stderr));

        let machines = ROOTS.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let roots = folder.join("roots.pem");
        std::fs::write(&roots, format!("{machines}\n{}", std::fs::read_to_string(&certificate)?))?;
        let (certificate, key) = (CertificateDer::from_pem_file(certificate)?, PrivateKeyDer::from_pem_file(key)?);
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                // A client that is killed in between is no news.
                tokio::spawn(async move { hand_on(&acceptor, client, target).await.ok() });
            }
        });
        Ok(Self { endpoint, roots })
    }
}

async fn hand_on(acceptor: &TlsAcceptor, client: TcpStream, target: SocketAddr) -> Result<()> {
    client.set_nodelay(true)?;
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(target).await.context("no DynamoDB")?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
