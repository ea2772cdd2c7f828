//! Just enough DER (X.690) to see whether a certificate is an authority's.

/// The content of basicConstraints, `2.5.29.19`.
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];

/// Whether basicConstraints say that this is an authority (RFC 5280, section 4.2.1.9). `None` when it cannot be read.
pub(super) fn is_authority(certificate: &[u8]) -> Option<bool> {
    let (_, certificate, rest) = element(certificate)?;
    if !rest.is_empty() {
        return None;
    }
    let (_, mut fields, _) = element(certificate)?;
    while !fields.is_empty() {
        let (tag, content, rest) = element(fields)?;
        if tag == 0xa3 {
            let (_, extensions, _) = element(content)?;
            return constraint(extensions);
        }
        fields = rest;
    }
    Some(false)
}

fn constraint(mut extensions: &[u8]) -> Option<bool> {
    while !extensions.is_empty() {
        let (_, extension, rest) = element(extensions)?;
        let (tag, id, mut value) = element(extension)?;
        if tag == 6 && id == BASIC_CONSTRAINTS {
            if value.first() == Some(&1) {
                value = element(value)?.2;
            }
            let (_, octets, _) = element(value)?;
            let (_, constraints, _) = element(octets)?;
            // Only `cA` is a BOOLEAN there; false is left out in DER.
            return Some(constraints.first() == Some(&1));
        }
        extensions = rest;
    }
    Some(false)
}

/// Tag, content and what follows; `None` for lengths that DER does not allow.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (octets.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
