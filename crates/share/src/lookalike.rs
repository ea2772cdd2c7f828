//! Hosts that are easily taken for another one (security.md D28; Unicode Technical Standard 39 for the idea of a skeleton).
//!
//! A host is shown as it goes over the wire, so that letters of other alphabets appear as `xn--`. What is said here comes on
//! top, and refuses nothing: who asks is proved or not by other means.

use leerpas_credential::trust::TrustList;
use serde::Serialize;

/// Longest host that anybody reads to its end, in characters.
const LONG: usize = 60;
/// Groups of letters that look like one other at a glance.
const ALIKE: [(&str, &str); 5] = [("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("5", "s")];

/// Why a host deserves a second look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "why", content = "host")]
pub enum HostCaution {
    /// It looks like this host of the trust list, or begins with it, and is another one.
    LooksLike(String),
    /// Letters that are not of the Latin alphabet, or with marks.
    ForeignLetters,
    /// So long that its end, which decides whose it is, is overlooked.
    Long,
}

/// What there is to say of a host, without its port.
pub(crate) fn caution(host: &str, trust: &TrustList) -> Option<HostCaution> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let known = trust.institutions().iter().flat_map(|one| &one.domains);
    let known: Vec<String> = known.map(|domain| domain.trim_end_matches('.').to_ascii_lowercase()).collect();
    let belongs = |domain: &String| host == *domain || host.ends_with(&format!(".{domain}"));
    if known.iter().any(belongs) {
        return None;
    }
    let skeleton_of_host = skeleton(&host);
    let looks_like = |domain: &&String| {
        let skeleton = skeleton(domain);
        skeleton_of_host == skeleton
            || skeleton_of_host.ends_with(&format!(".{skeleton}"))
            || host.starts_with(&format!("{domain}."))
    };
    if let Some(domain) = known.iter().filter(|domain| domain.contains('.')).find(looks_like) {
        Some(HostCaution::LooksLike(domain.clone()))
    } else if host.split('.').any(|label| label.starts_with("xn--")) {
        Some(HostCaution::ForeignLetters)
    } else {
        (host.len() > LONG).then_some(HostCaution::Long)
    }
}

/// What is left of a name when letters that look alike are one.
fn skeleton(host: &str) -> String {
    ALIKE.iter().fold(host.to_owned(), |name, (from, to)| name.replace(from, to))
}

#[cfg(test)]
mod tests {
    use leerpas_credential::trust::Institution;

    use super::*;

    fn trust() -> TrustList {
        let mut trust = TrustList::empty();
        trust
            .add(Institution {
                name: [("nl".to_owned(), "Hogeschool Moorn".to_owned())].into(),
                identifiers: vec!["https://moorn.example".to_owned()],
                brin: None,
                domains: vec!["moorn.example".to_owned(), "localhost".to_owned()],
                roots_pem: Vec::new(),
                keys: Vec::new(),
                logo: None,
                scopes: Default::default(),
                own: false,
                until: None,
            })
            .unwrap();
        trust
    }

    #[test]
    fn security_d28_a_host_that_looks_like_another_one_is_told() {
        let like = || Some(HostCaution::LooksLike("moorn.example".to_owned()));
        let long = format!("{}.evil.example", "a".repeat(60));
        let table = [
            ("moorn.example", None),
            ("MOORN.example.", None),
            ("desk.moorn.example", None),
            ("moom.example", like()),
            ("rnoorn.example", like()),
            ("m00rn.example", like()),
            ("login.moom.example", like()),
            ("moorn.example.evil.example", like()),
            ("desk.example", None),
            ("xn--moorn-9na.example", Some(HostCaution::ForeignLetters)),
            ("desk.xn--e1afmkfd.example", Some(HostCaution::ForeignLetters)),
            (long.as_str(), Some(HostCaution::Long)),
            ("localhost", None),
            ("localhost.evil.example", None),
        ];
        for (host, expected) in table {
            assert_eq!(caution(host, &trust()), expected, "{host}");
        }
    }
}
