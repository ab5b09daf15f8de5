//! What an upgrade request tells about its session, and whether the session is let in.
//!
//! The token is read here and kept nowhere: a fixed word replaces it in the stored target, and a refusal gives only its
//! reason. Nothing is logged here. Limits: the reader of the head bounds its length, and [`HELLO_BYTES_MAX`] bounds
//! single values. Failures: a [`CloseReason`], always the peer's fault.
//!
//! If the operator lists origins, a request without `Origin` is refused. Browsers always send it with an upgrade, and
//! if a program could pass by leaving it out, the list would be worth nothing.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use super::action::Hello;
use super::close::CloseReason;
use super::http::{Request, is_token};
use super::policy::Policy;
use super::refusal::Remark;
use crate::limits::HELLO_BYTES_MAX;
use crate::network::Network;
use crate::time::UnixMs;

#[cfg(test)]
mod tests;

/// The query parameter that carries the token.
const TOKEN_PARAMETER: &str = "rtcstats-token";
/// Stored in place of a token.
const TOKEN_WORD: &str = "obfuscated";

/// Judges an upgrade request that came from `peer` at `now`.
pub(super) fn judge(
    request: &Request<'_>,
    peer: Option<IpAddr>,
    policy: &Policy,
    now: UnixMs,
) -> Result<Box<Hello>, CloseReason> {
    if !origin_allowed(request, &policy.access.allowed_origins) {
        return Err(CloseReason::OriginNotAllowed);
    }
    let token = token_of(request);
    let grant = policy
        .verifier
        .verify(token.as_deref(), now.0 / 1000)
        .map_err(CloseReason::Denied)?;
    // A peer without an address is in no trusted range, so what it forwards could be invented.
    let trusted = &policy.access.trusted_proxies;
    let address = peer.map(|peer| remote_address(peer, request.elements("x-forwarded-for"), trusted));
    let remarks = grant.flaw.map(Remark::Label).into_iter();
    Ok(Box::new(Hello {
        url: without_tokens(request.target),
        origin: request.values("origin").next().map(text),
        user_agent: request.values("user-agent").next().map(text),
        remote_addresses: address.iter().map(IpAddr::to_string).collect(),
        client_protocol: sub_protocol(request).map(str::to_string),
        claims: grant.labels,
        remarks: remarks.chain(forwarding_remark(request, peer, trusted)).collect(),
        start: now,
    }))
}

/// The sub-protocol to answer with: the first one offered, if it is allowed in a header.
pub(super) fn sub_protocol<'a>(request: &Request<'a>) -> Option<&'a str> {
    let first = request.elements("sec-websocket-protocol").next()?;
    let usable = is_token(first) && first.len() <= HELLO_BYTES_MAX;
    std::str::from_utf8(first).ok().filter(|_| usable)
}

/// A header value as text. Bytes that are not UTF-8 are replaced, and a value that is too long is cut.
fn text(value: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(value).into_owned();
    let mut end = text.len().min(HELLO_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// Scheme and host of an origin do not depend on case (RFC 6454, section 4), and an origin contains nothing else.
fn origin_allowed(request: &Request<'_>, allowed: &[String]) -> bool {
    let on_list = |origin: &[u8]| {
        allowed
            .iter()
            .any(|entry| entry.as_bytes().eq_ignore_ascii_case(origin))
    };
    allowed.is_empty() || (request.values("origin").next().is_some() && request.values("origin").all(on_list))
}

/// The token, from the query or else from the `Authorization` header (RFC 6750, section 2.1). An empty token counts as
/// none.
fn token_of<'a>(request: &Request<'a>) -> Option<Cow<'a, str>> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let in_query = query.split('&').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (percent_decoded(name) == TOKEN_PARAMETER.as_bytes()).then_some(value)
    });
    if let Some(value) = in_query.filter(|value| !value.is_empty()) {
        return Some(match percent_decoded(value) {
            Cow::Borrowed(_) => Cow::Borrowed(value),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        });
    }
    request.values("authorization").find_map(bearer).map(Cow::Borrowed)
}

fn bearer(value: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(value).ok()?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Decodes as RFC 3986, section 2.1, says. A `%` without two digits stands for itself.
fn percent_decoded(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'%') {
        return Cow::Borrowed(bytes);
    }
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
            .map(|digit| digit as u8)
    };
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            (byte, _, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(decoded)
}

/// The target with the value of each token parameter replaced. This finds more than the search for the token does:
/// whatever looks like a token, in any spelling and after any separator that some client may use, must not be stored.
/// Each byte is looked at a bounded number of times, because a head may consist of nothing but separators.
fn without_tokens(target: &str) -> String {
    let mut kept = String::with_capacity(target.len());
    let mut rest = target;
    while let Some(separator) = rest.find(['?', '&', ';', '#']) {
        let (head, parameter) = rest.split_at(separator + 1);
        kept += head;
        rest = parameter;
        let name = parameter.split(['=', '?', '&', ';', '#']).next().unwrap_or_default();
        let is_token = parameter[name.len()..].starts_with('=')
            && percent_decoded(name)
                .trim_ascii()
                .eq_ignore_ascii_case(TOKEN_PARAMETER.as_bytes());
        if is_token {
            kept += name;
            kept += "=";
            kept += TOKEN_WORD;
            rest = parameter.find(['&', '#']).map_or("", |end| &parameter[end..]);
        }
    }
    kept + rest
}

/// Walks from the peer towards the client as long as the last address is trusted. The first address that is not trusted
/// is the result, because it could have invented everything beyond it. An entry that is not an address ends the walk.
fn remote_address<'a>(peer: IpAddr, forwarded: impl Iterator<Item = &'a [u8]>, trusted: &[Network]) -> IpAddr {
    let mut address = peer.to_canonical();
    let entries: Vec<&[u8]> = if is_trusted(address, trusted) {
        forwarded.collect()
    } else {
        Vec::new()
    };
    for entry in entries.into_iter().rev() {
        match address_of(entry) {
            Some(next) if is_trusted(address, trusted) => address = next,
            _ => break,
        }
    }
    address
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// Says that a peer reports a client's address in vain.
fn forwarding_remark(request: &Request<'_>, peer: Option<IpAddr>, trusted: &[Network]) -> Option<Remark> {
    let has = |name| request.elements(name).next().is_some();
    let (read, other) = (has("x-forwarded-for"), has("forwarded") || has("x-real-ip"));
    match peer.is_some_and(|peer| is_trusted(peer.to_canonical(), trusted)) {
        false => (read || other).then_some(Remark::ForwardedByStranger),
        true => (!read && other).then_some(Remark::OtherHeader),
    }
}

/// An address as proxies write it: plain, in brackets, or with a port.
fn address_of(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?;
    let bare = entry
        .strip_prefix('[')
        .and_then(|entry| entry.strip_suffix(']'))
        .unwrap_or(entry);
    let address = bare
        .parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}
