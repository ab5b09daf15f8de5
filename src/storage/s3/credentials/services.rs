//! How the services that give out keys are reached.
use crate::storage::s3::origin::{Origin, Scheme};
use crate::storage::s3::transport::Transport;

/// What the sources of the chain need.
#[derive(Clone, Copy)]
pub struct Services<'a> {
    pub transport: &'a Transport,
    /// For services of this machine.
    pub direct: &'a Transport,
    /// Where the token service is asked, unless the environment names another region.
    pub region: &'a str,
}

impl<'a> Services<'a> {
    /// What asks this service. Without TLS it can only be one of this machine.
    pub fn towards(&self, service: &Origin) -> &'a Transport {
        match service.scheme {
            Scheme::Http => self.direct,
            Scheme::Https => self.transport,
        }
    }
}
