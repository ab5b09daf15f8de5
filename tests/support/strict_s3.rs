//! A second opinion beside moto: an S3 store in a thread of the test, which checks signatures from the raw request line
//! as AWS's specification says, and answers as a test wants it to.
//!
//! It listens on loopback, keeps everything in memory, serves one request per connection, and records what it was
//! asked. A script is asked first about each request and may answer in the store's place: as other stores do, or
//! wrongly. Dropping it ends it and cuts what still hangs. Failures: those of the protocol are answers; a connection
//! that breaks is for the server under test to notice.

pub mod answer;
mod lists;
mod operations;
pub mod request;
pub mod signature;
pub mod store;

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use time::OffsetDateTime;

pub use answer::{Answer, Reply};
pub use request::Request;
pub use signature::AccessKey;
pub use store::{Bucket, Content, Encryption, Store, Versioning};

use super::moto::{BUCKET, Certificate, Key, Moto};
use super::stored::FEATURES;
use operations::Place;

/// How the store is set up.
pub struct Setup {
    pub host: IpAddr,
    pub region: String,
    pub keys: Vec<AccessKey>,
    /// Buckets are also found before this name in the host of a request.
    pub domain: Option<String>,
    pub certificate: Option<Certificate>,
}

impl Default for Setup {
    /// Over plain HTTP on 127.0.0.1, in us-east-1, with one key.
    fn default() -> Setup {
        Setup {
            host: Ipv4Addr::LOCALHOST.into(),
            region: "us-east-1".to_owned(),
            keys: vec![AccessKey {
                id: "AKIDEXAMPLE".to_owned(),
                secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
                token: None,
            }],
            domain: None,
            certificate: None,
        }
    }
}

type Script = dyn Fn(&Request) -> Option<Answer> + Send + Sync;

struct Inner {
    setup: Setup,
    tls: Option<Arc<ServerConfig>>,
    store: Mutex<Store>,
    script: Mutex<Option<Arc<Script>>>,
    denied: Mutex<Vec<&'static str>>,
    requests: Mutex<Vec<Request>>,
    /// Connections that hang until the end.
    hanging: Mutex<Vec<TcpStream>>,
    is_over: AtomicBool,
}

/// A running store with the bucket `dumps`.
pub struct StrictS3 {
    address: SocketAddr,
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

impl StrictS3 {
    pub fn start() -> StrictS3 {
        StrictS3::start_with(Setup::default())
    }

    /// On `[::1]`.
    pub fn start_v6() -> StrictS3 {
        StrictS3::start_with(Setup {
            host: Ipv6Addr::LOCALHOST.into(),
            ..Setup::default()
        })
    }

    /// With the first answers from a script.
    pub fn scripted(script: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) -> StrictS3 {
        let store = StrictS3::start();
        store.answer(script);
        store
    }

    pub fn start_with(setup: Setup) -> StrictS3 {
        let listener = TcpListener::bind((setup.host, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let inner = Arc::new(Inner {
            tls: setup.certificate.as_ref().map(tls),
            setup,
            store: Mutex::default(),
            script: Mutex::default(),
            denied: Mutex::default(),
            requests: Mutex::default(),
            hanging: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let own = Arc::clone(&inner);
        let thread = thread::spawn(move || own.accept(&listener));
        let store = StrictS3 {
            address,
            inner,
            thread: Some(thread),
        };
        store.change(|store| drop(store.buckets.insert(BUCKET.to_owned(), Bucket::default())));
        store
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn endpoint(&self) -> String {
        let scheme = if self.inner.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Id and secret of the first key.
    pub fn key(&self) -> Key {
        let key = &self.inner.setup.keys[0];
        (key.id.clone(), key.secret.clone())
    }

    /// The environment that configures a server for the bucket.
    pub fn environment(&self) -> Vec<(String, String)> {
        Moto::environment(&self.endpoint(), &self.key())
    }

    /// From now on the script is asked first.
    pub fn answer(&self, script: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) {
        *lock(&self.inner.script) = Some(Arc::new(script));
    }

    /// From now on it is a plain store.
    pub fn answer_plainly(&self) {
        *lock(&self.inner.script) = None;
    }

    /// From now on these actions (`s3:GetObject`) are denied to every key.
    pub fn deny(&self, actions: &[&'static str]) {
        *lock(&self.inner.denied) = actions.to_vec();
    }

    /// Changes what is kept, or looks at it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        change(&mut lock(&self.inner.store))
    }

    /// All requests so far, without long bodies.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.inner.requests).clone()
    }

    /// How many requests have this method and these words in their target.
    pub fn count(&self, method: &str, words: &str) -> usize {
        let requests = lock(&self.inner.requests);
        requests.iter().filter(|request| request.is(method, words)).count()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        lock(&self.inner.requests).clear();
    }

    /// Keys and contents of all objects in `bucket` that are not deleted.
    pub fn objects_of(&self, bucket: &str) -> Vec<(String, Vec<u8>)> {
        self.change(|store| {
            let keys = store.buckets.get(bucket).into_iter().flat_map(|bucket| &bucket.keys);
            let newest = keys.filter_map(|(key, versions)| match &versions.last()?.content {
                Content::Object { bytes, .. } => Some((key.clone(), bytes.clone())),
                Content::Marker => None,
            });
            newest.collect()
        })
    }

    /// Those of the bucket `dumps`.
    pub fn objects(&self) -> Vec<(String, Vec<u8>)> {
        self.objects_of(BUCKET)
    }

    /// The dumps among them, without their features.
    pub fn dumps_of(&self, bucket: &str) -> Vec<(String, Vec<u8>)> {
        let mut objects = self.objects_of(bucket);
        objects.retain(|(key, _)| !key.ends_with(FEATURES));
        objects
    }

    /// Those of the bucket `dumps`.
    pub fn dumps(&self) -> Vec<(String, Vec<u8>)> {
        self.dumps_of(BUCKET)
    }

    /// The ids of uploads that are neither completed nor aborted.
    pub fn uploads(&self) -> Vec<String> {
        self.change(|store| store.uploads.iter().map(|upload| upload.id.clone()).collect())
    }
}

impl Drop for StrictS3 {
    fn drop(&mut self) {
        self.inner.is_over.store(true, Ordering::Release);
        for stream in lock(&self.inner.hanging).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // The last connection only wakes the thread up.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Inner {
    fn accept(self: Arc<Inner>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.is_over.load(Ordering::Acquire) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let inner = Arc::clone(&self);
            thread::spawn(move || inner.connection(stream).ok());
        }
    }

    fn connection(&self, stream: TcpStream) -> std::io::Result<()> {
        let handle = stream.try_clone()?;
        match &self.tls {
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
                let mut stream = StreamOwned::new(connection, stream);
                self.serve(&mut stream, handle)?;
                stream.conn.send_close_notify();
                stream.flush()
            }
            None => self.serve(&mut { stream }, handle),
        }
    }

    fn serve(&self, stream: &mut (impl Read + Write), handle: TcpStream) -> std::io::Result<()> {
        let Some(mut request) = Request::read(stream)? else {
            return Ok(());
        };
        let script = lock(&self.script).clone();
        let reply = match script.and_then(|script| script(&request)) {
            None => Some(self.act(&mut request)),
            Some(Answer::Say(reply)) => Some(reply),
            Some(Answer::Alter(alter)) => Some(alter(self.act(&mut request))),
            Some(Answer::Cut) => {
                self.act(&mut request);
                None
            }
            Some(Answer::Close) => None,
            Some(Answer::Hang) => {
                lock(&self.hanging).push(handle);
                self.record(request);
                return wait_for_end(stream);
            }
        };
        request.status = reply.as_ref().map_or(0, |reply| reply.status);
        let bytes = reply.map(|reply| reply.bytes(&request)).unwrap_or_default();
        self.record(request);
        stream.write_all(&bytes)?;
        stream.flush()
    }

    /// As a store that does what it should.
    fn act(&self, request: &mut Request) -> Reply {
        let Setup {
            keys, region, domain, ..
        } = &self.setup;
        let refuse = |request: &mut Request, code: &str| request.refusal = Some(code.to_owned());
        if let Err(refusal) = signature::check(request, keys, region, OffsetDateTime::now_utc()) {
            refuse(request, refusal.code);
            let further = match refusal.code {
                "AuthorizationHeaderMalformed" => format!("<Region>{region}</Region>"),
                _ => String::new(),
            };
            return Reply::error_with(refusal.status, refusal.code, &refusal.message, &further);
        }
        let place = Place::of(request, domain.as_deref());
        if lock(&self.denied).contains(&operations::action(request, &place)) {
            refuse(request, "AccessDenied");
            return Reply::error(403, "AccessDenied");
        }
        operations::act(&mut lock(&self.store), request, &place)
    }

    fn record(&self, mut request: Request) {
        request.body.truncate(Request::KEPT_BYTES);
        lock(&self.requests).push(request);
    }
}

/// Waits until the peer, or the end of the mock, closes the connection.
fn wait_for_end(stream: &mut impl Read) -> std::io::Result<()> {
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}

/// A panic of one connection's thread leaves the others a valid state.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tls(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(&certificate.file).expect("a file of certificates");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(&certificate.key).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("the provider has the versions").with_no_client_auth();
    Arc::new(builder.with_single_cert(chain, key).expect("a key that fits"))
}
