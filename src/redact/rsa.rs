//! The length of an RSA key, by which keys are told that no library takes any more.
use x509_cert::der::asn1::{AnyRef, UintRef};
use x509_cert::der::{Decode, Reader};

/// The bits of the modulus, which is the first of the two numbers (RFC 8017, appendix A.1.1). `None` for other bytes.
pub fn rsa_bits(key: &[u8]) -> Option<usize> {
    let modulus_and_exponent = AnyRef::from_der(key).ok()?;
    let bits = modulus_and_exponent.sequence(|numbers| {
        let modulus: UintRef<'_> = numbers.decode()?;
        let _exponent: UintRef<'_> = numbers.decode()?;
        let zeros = modulus
            .as_bytes()
            .first()
            .map_or(0, |first| first.leading_zeros() as usize);
        Ok((modulus.as_bytes().len() * 8).saturating_sub(zeros))
    });
    bits.ok()
}
