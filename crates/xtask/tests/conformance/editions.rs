//! The editions whose sections are meant by the numbers in the tables and in the names of tests. Numbers only: they were
//! counted in the published texts, so that a number that is not there is found.

/// A published text.
struct Edition {
    /// How its sections are marked in a table.
    mark: &'static str,
    /// Which text it is.
    text: &'static str,
    /// How names of tests begin that carry a section of it.
    names: &'static [&'static str],
    /// The numbers of its sections.
    sections: &'static str,
}

/// Where the sections of a part belong that have no mark.
const USUAL: &[(&str, &str)] =
    &[("VCI", "VCI"), ("VP", "VP"), ("DESK", "VP"), ("HAIP", "HAIP"), ("OB", "OB3"), ("RECEIPT", "DPV")];

/// The texts, for the page.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    EDITIONS.iter().map(|edition| (edition.mark, edition.text))
}

/// The numbers in a row's `section` that its text does not have.
pub fn unknown<'s>(part: &str, section: &'s str) -> impl Iterator<Item = &'s str> {
    let mut edition = USUAL.iter().find(|(id, _)| *id == part).and_then(|(_, mark)| marked(mark));
    section.split(", ").filter(move |piece| {
        let number = match piece.split_once(' ') {
            Some((mark, rest)) => {
                edition = marked(mark);
                rest
            }
            None => piece,
        };
        is_number(number) && edition.is_some_and(|edition| !edition.has(number))
    })
}

/// Whether it looks like the number of a section or an appendix, as `5.9.3`, `B.1` or `A`.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = text.split_once('.').unwrap_or((text, "0"));
    let letter = first.len() == 1 && first.bytes().all(|byte| byte.is_ascii_uppercase());
    (digits(first) || letter) && rest.split('.').all(digits)
}

/// What is wrong with a test's name, if it begins with the mark of a text and a number that this text does not have.
pub fn unknown_in_name(test: &str) -> Option<String> {
    let (edition, rest) = EDITIONS
        .iter()
        .flat_map(|edition| edition.names.iter().map(move |name| (edition, name)))
        .filter_map(|(edition, name)| test.strip_prefix(name).map(|rest| (name.len(), edition, rest)))
        .max_by_key(|(length, ..)| *length)
        .map(|(_, edition, rest)| (edition, rest))?;
    let words: Vec<&str> = rest.split('_').collect();
    let counts = |word: &&&str| (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    // An appendix has a letter before its number; a letter alone is a word.
    let is_appendix = words.first().is_some_and(|word| word.len() == 1 && !counts(&word))
        && words.get(1).is_some_and(|word| counts(&word));
    let letter = is_appendix.then(|| words[0].to_ascii_uppercase());
    let numbers = words.iter().skip(usize::from(is_appendix)).take_while(counts).map(|word| (*word).to_owned());
    let number = letter.into_iter().chain(numbers).collect::<Vec<_>>().join(".");
    (!number.is_empty() && !edition.has(&number)).then(|| format!("{test}: {} has no {number}", edition.text))
}

fn marked(mark: &str) -> Option<&'static Edition> {
    EDITIONS.iter().find(|edition| edition.mark == mark)
}

impl Edition {
    fn has(&self, number: &str) -> bool {
        self.sections.split_ascii_whitespace().any(|one| one == number)
    }
}

#[test]
fn a_section_that_is_not_there_is_found() {
    assert_eq!(unknown("VP", "5.9.3, 12, 5.99, B.3.3.1").collect::<Vec<_>>(), ["5.99"]);
    assert_eq!(unknown("SD", "9901 7.1, 7.9, VC 6.3.5").collect::<Vec<_>>(), ["7.9", "VC 6.3.5"]);
    assert_eq!(unknown("OB", "cert: host, CLR").count(), 0, "what has no sections here is not looked at");
    assert_eq!(unknown_in_name("vp_b_3_3_1_the_hash"), None);
    assert_eq!(unknown_in_name("vci_a_card_is_collected"), None);
    assert!(unknown_in_name("vp_5_99_x").is_some() && unknown_in_name("sd_jwt_vc_6_3_5_x").is_some());
    assert_eq!(unknown("AUTH", "9126 2.2, 4, 9449 8.3, did:web 2.5.2, did:key").collect::<Vec<_>>(), ["9449 8.3"]);
    assert!(unknown_in_name("rfc9101_10_9_x").is_some() && unknown_in_name("rfc7636_appendix_b_x").is_none());
}

const EDITIONS: &[Edition] = &[
    Edition {
        mark: "DPV",
        text: "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV, Final Community Group Report of 15 February 2026",
        names: &["dpv_27560_"],
        sections: "1 2 3 4 4.1 4.2 4.3 4.4 4.5 5 6 6.1 6.2 6.3 6.4 7 7.1 7.2 7.3 8 8.1 8.1.1 8.1.2 8.1.3 8.1.4 8.2 8.2.1 8.2.2 8.3 \
            8.3.1 8.3.2 8.3.3 8.3.3.1 8.3.3.2 8.3.3.3 8.3.3.4 8.3.4 8.3.4.1 8.3.4.2 8.3.4.3 8.3.4.4 8.3.5 8.3.6 8.3.7 8.3.8 \
            8.3.9 8.3.10 8.3.11 8.3.12 8.3.13 8.4 8.4.1 8.4.2 8.4.3 8.4.4 8.4.4.1 8.4.4.2 8.4.4.3 8.4.5 8.5 8.5.1 8.5.2 8.5.3 \
            8.5.4 8.5.5 8.5.6 8.6 9 9.1 9.1.1 9.1.2 9.1.3 9.1.4 9.1.5 9.2 9.3 10 10.1 10.2 10.3 10.4 11 12 A A.1 A.2",
    },
    Edition {
        mark: "VCI",
        text: "OpenID4VCI 1.0, Final of 16 September 2025",
        names: &["vci_", "openid4vci_"],
        sections: "1 1.1 1.2 2 3 3.1 3.2 3.3 3.3.1 3.3.2 3.3.3 3.3.4 3.4 3.5 4 4.1 4.1.1 4.1.2 4.1.3 4.2 5 5.1 5.1.1 5.1.2 5.1.3 \
            5.1.4 5.2 5.3 6 6.1 6.1.1 6.2 6.3 7 7.1 7.2 8 8.1 8.2 8.3 8.3.1 8.3.1.1 8.3.1.2 9 9.1 9.2 9.3 10 11 11.1 11.2 \
            11.3 12 12.1 12.1.1 12.2 12.2.1 12.2.2 12.2.3 12.2.4 12.3 13 13.1 13.2 13.3 13.4 13.5 13.6 13.6.1 13.6.2 13.7 \
            13.8 13.9 13.10 13.11 14 14.1 14.2 14.3 14.4 14.5 14.6 14.7 15 15.1 15.2 15.3 15.4 15.4.1 15.4.2 15.4.3 15.4.4 \
            15.5 15.6 15.7 A A.1 A.1.1 A.1.1.1 A.1.1.2 A.1.1.3 A.1.1.4 A.1.2 A.1.2.1 A.1.2.2 A.1.2.3 A.1.2.4 A.1.3 A.1.3.1 \
            A.1.3.2 A.1.3.3 A.1.3.4 A.2 A.2.1 A.2.2 A.2.3 A.2.4 A.3 A.3.1 A.3.2 A.3.3 A.3.4 B B.1 B.2 B.3 C C.1 C.1.1 C.2 \
            C.2.1 C.3 D D.1 D.2 E F F.1 F.2 F.3 F.4 G G.1 G.1.1 G.2 G.2.1 G.2.2 G.2.3 G.3 G.3.1 G.4 G.4.1 G.5 G.5.1 G.6 \
            G.6.1 G.6.2 G.6.3 G.7 G.7.1 H H.1 H.2 H.3 H.4 H.5 H.6 I I.1 I.2 J K",
    },
    Edition {
        mark: "VP",
        text: "OpenID4VP 1.0, Final of 9 July 2025",
        names: &["vp_", "openid4vp_", "dcql_"],
        sections: "1 1.1 1.2 1.3 2 3 3.1 3.2 4 5 5.1 5.2 5.3 5.4 5.5 5.6 5.7 5.8 5.9 5.9.1 5.9.2 5.9.3 5.10 5.10.1 5.10.2 5.11 \
            5.11.1 6 6.1 6.1.1 6.1.1.1 6.1.1.2 6.1.1.3 6.2 6.3 6.4 6.4.1 6.4.2 6.4.3 7 7.1 7.1.1 7.2 7.2.1 7.3 7.4 8 8.1 \
            8.1.1 8.2 8.3 8.3.1 8.4 8.5 8.6 9 10 10.1 10.2 11 11.1 12 13 13.1 13.1.1 13.1.2 13.2 13.3 13.4 14 14.1 14.1.1 \
            14.1.2 14.2 14.3 14.3.1 14.3.2 14.3.3 14.4 14.5 14.6 14.7 14.8 14.9 15 15.1 15.2 15.3 15.4 15.4.1 15.4.2 15.5 \
            15.6 15.7 15.8 15.8.1 15.8.2 15.9 15.9.1 15.9.2 15.10 A A.1 A.2 A.3 A.3.1 A.3.2 A.3.2.1 A.3.2.2 A.4 A.5 A.6 B \
            B.1 B.1.1 B.1.2 B.1.3 B.1.3.1 B.1.3.1.1 B.1.3.1.2 B.1.3.1.3 B.1.3.1.4 B.1.3.1.5 B.1.3.2 B.1.3.2.1 B.1.3.2.2 \
            B.1.3.2.3 B.1.3.2.4 B.1.3.2.5 B.2 B.2.1 B.2.2 B.2.3 B.2.4 B.2.5 B.2.6 B.2.6.1 B.2.6.2 B.3 B.3.1 B.3.2 B.3.3 \
            B.3.3.1 B.3.4 B.3.5 B.3.6 B.3.7 B.3.7.1 B.3.7.2 B.3.7.2.1 B.3.7.2.2 B.3.7.3 C C.1 C.2 D E E.1 E.1.1 E.1.2 E.2 \
            E.2.1 E.2.2 E.2.3 E.2.4 E.2.5 E.2.6 E.2.7 E.2.8 E.2.9 E.3 E.3.1 E.3.2 E.3.3 E.4 E.4.1 E.5 E.5.1 E.5.2 E.6 E.6.1 \
            E.7 E.7.1 E.7.2 E.8 E.8.1 E.9 F G",
    },
    Edition {
        mark: "HAIP",
        text: "HAIP 1.0, Final of 24 December 2025",
        names: &["haip_"],
        sections: "1 1.1 1.2 1.3 2 3 3.1 3.2 3.3 3.4 4 4.1 4.2 4.3 4.4 4.4.1 4.5 4.5.1 5 5.1 5.2 5.3 5.3.1 5.3.2 6 6.1 6.1.1 \
            6.1.1.1 7 8 9 9.1 9.2 9.3 9.3.1 9.3.1.1 9.3.1.2 9.4 10 10.1 10.2 11 11.1 A A.1 A.1.1 A.1.2 B C D",
    },
    Edition {
        mark: "9901",
        text: "RFC 9901",
        names: &["rfc9901_"],
        sections: "1 1.1 1.2 2 3 3.1 3.2 3.3 3.4 4 4.1 4.1.1 4.1.2 4.2 4.2.1 4.2.2 4.2.3 4.2.4 4.2.4.1 4.2.4.2 4.2.5 4.2.6 4.3 \
            4.3.1 4.3.2 5 5.1 5.2 6 6.1 6.2 6.3 7 7.1 7.2 7.3 8 8.1 8.2 8.3 8.4 9 9.1 9.2 9.3 9.4 9.5 9.6 9.7 9.8 9.9 9.10 \
            9.11 9.12 10 10.1 10.2 10.3 10.4 10.5 11 12 12.1 12.2 12.3 A A.1 A.2 A.3 A.4 A.5 B C",
    },
    Edition {
        mark: "VC",
        text: "SD-JWT VC, draft 13, to which HAIP 1.0 holds",
        names: &["sd_jwt_vc_"],
        sections: "1 1.1 1.2 1.3 1.4 2 3 3.1 3.2 3.2.1 3.2.2 3.2.2.1 3.2.2.2 3.2.2.3 3.2.2.4 3.3 3.4 3.5 4 4.1 4.2 4.3 5 5.1 5.2 \
            5.3 6 6.1 6.2 6.3 6.3.1 6.3.2 6.3.3 6.3.4 6.4 7 8 8.1 8.1.1 8.1.1.1 8.1.1.2 8.1.2 8.1.2.1 8.1.2.2 8.2 9 9.1 \
            9.1.1 9.1.2 9.2 9.3 9.4 9.5 9.5.1 9.5.2 10 10.1 10.2 10.3 10.4 10.5 10.6 10.7 10.8 11 11.1 11.2 11.3 12 12.1 A \
            A.1 A.2 A.2.1 A.3 A.3.1 B B.1 B.2 C D",
    },
    Edition {
        mark: "TSL",
        text: "Token Status List, draft 20",
        names: &["token_status_list_"],
        sections: "1 1.1 1.2 1.3 1.4 1.5 2 3 4 4.1 4.2 4.3 5 5.1 5.2 6 6.1 6.2 6.3 7 7.1 8 8.1 8.2 8.3 8.4 9 9.1 9.2 9.3 10 11 11.1 \
            11.2 11.3 11.4 11.5 11.6 12 12.1 12.2 12.3 12.4 12.5 12.5.1 12.6 12.7 12.8 13 13.1 13.2 13.3 13.4 13.5 13.6 13.7 \
            13.8 13.9 14 14.1 14.1.1 14.2 14.2.1 14.2.2 14.3 14.3.1 14.4 14.4.1 14.4.2 14.5 14.5.1 14.5.2 14.6 14.7 14.8 \
            14.9 15 A B B.1 B.2 C C.1 C.2 C.3 C.4 D",
    },
    Edition {
        mark: "BSL",
        text: "Bitstring Status List 1.0, Recommendation of 15 May 2025",
        names: &["bitstring_", "bitstring_status_list_"],
        sections: "1 1.1 1.2 1.3 2 2.1 2.2 3 3.1 3.2 3.3 3.4 3.5 3.6 4 5 5.1 5.2 6 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9 7 7.1 7.2 8 \
            9 A A.1 A.2 A.3 A.4 B C C.1 C.2",
    },
    Edition {
        mark: "VCDM",
        text: "Verifiable Credentials Data Model 2.0, Recommendation of 15 May 2025",
        names: &["vcdm_2_0_"],
        sections: "1 1.1 1.2 1.3 2 3 3.1 3.2 3.3 4 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 4.10 4.11 4.12 4.13 5 5.1 5.2 5.3 5.4 5.5 \
            5.6 5.7 5.8 5.9 5.10 5.11 5.12 5.13 6 6.1 6.2 6.3 7 7.1 7.2 8 8.1 8.2 8.3 8.4 8.5 8.6 8.7 8.8 8.9 8.10 8.11 8.12 \
            8.13 8.14 8.15 8.16 8.17 8.18 8.19 8.20 8.21 9 9.1 9.2 9.3 9.4 9.5 9.5.1 9.5.2 9.5.3 9.6 9.7 9.8 9.9 9.9.1 9.9.2 \
            9.10 10 10.1 11 11.1 11.2 A A.1 A.2 A.3 A.4 A.5 A.6 A.7 A.8 A.9 A.10 A.11 B B.1 B.2 B.3 B.3.1 B.4 C C.1 C.2 D E \
            F G G.1 G.2",
    },
    Edition {
        mark: "VCDM-1.1",
        text: "Verifiable Credentials Data Model 1.1, Recommendation of 3 March 2022",
        names: &["vcdm_1_1_"],
        sections: "1 1.1 1.2 1.3 1.4 2 3 3.1 3.2 3.3 3.4 4 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 4.10 4.10.1 5 5.1 5.2 5.3 5.3.1 5.4 \
            5.5 5.6 5.7 5.8 5.9 5.10 6 6.1 6.2 6.2.1 6.3 6.3.1 6.3.2 7 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.9 7.10 7.11 7.12 \
            7.13 7.14 7.15 7.16 7.17 7.18 8 8.1 8.2 8.3 8.4 8.5 8.6 8.7 9 9.1 10 10.1 10.2 A A.1 A.2 A.3 A.4 A.5 A.6 A.7 B \
            B.1 B.2 C C.1 C.1.1 C.2 C.3 C.4 C.5 C.6 C.7 D E F G G.1 G.2",
    },
    Edition {
        mark: "DI",
        text: "Data Integrity 1.0, Recommendation of 15 May 2025",
        names: &["vc_di_"],
        sections: "1 1.1 1.2 1.3 1.4 2 2.1 2.1.1 2.1.2 2.1.3 2.2 2.3 2.4 2.4.1 2.4.2 2.4.3 2.4.4 2.4.4.1 2.5 2.6 3 3.1 4 4.1 4.2 \
            4.3 4.4 4.5 4.6 4.7 5 5.1 5.2 5.3 5.4 5.5 5.6 5.7 5.8 5.9 5.10 5.11 5.12 5.13 5.14 5.15 6 6.1 6.2 6.3 6.4 6.5 \
            6.6 7 7.1 A B C D D.1 D.2",
    },
    Edition {
        mark: "ECDSA",
        text: "Data Integrity ECDSA Cryptosuites 1.0, Recommendation of 15 May 2025",
        names: &["vc_di_ecdsa_"],
        sections: "1 1.1 1.2 2 2.1 2.1.1 2.2 2.2.1 3 3.1 3.2 3.2.1 3.2.2 3.2.3 3.2.4 3.2.5 3.2.6 3.2.7 3.3 3.3.1 3.3.2 3.3.3 3.3.4 \
            3.3.5 3.3.6 3.3.7 3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.7 3.4.8 3.4.9 3.4.10 3.4.11 3.4.12 3.4.13 3.4.14 \
            3.4.15 3.4.16 3.4.17 3.5 3.5.1 3.5.2 3.5.3 3.5.4 3.5.5 3.5.6 3.5.7 3.5.8 3.5.9 3.6 3.6.1 3.6.2 3.6.3 3.6.4 3.6.5 \
            3.6.6 3.6.7 4 4.1 4.2 4.3 5 5.1 A A.1 A.2 A.3 A.4 A.5 A.6 A.7 A.7.1 A.7.2 A.8 A.8.1 A.8.2 B C D D.1 D.2",
    },
    Edition {
        mark: "JOSE",
        text: "Securing Verifiable Credentials using JOSE and COSE 1.0",
        names: &["vc_jose_cose_"],
        sections: "1 1.1 1.1.1 1.1.2 1.1.2.1 1.1.2.2 2 3 3.1 3.1.1 3.1.2 3.1.3 3.2 3.2.1 3.2.2 3.3 3.3.1 3.3.2 3.3.3 4 4.1 4.1.1 \
            4.1.2 4.1.3 4.2 4.2.1 4.3 5 5.1 5.2 5.3 5.4 6 6.1 6.1.1 6.1.2 6.1.3 6.1.4 6.1.5 6.1.6 7 7.1 7.2 7.3 8 8.1 8.2 \
            8.3 8.4 8.5 A B C C.1 C.2",
    },
    Edition {
        mark: "OB3",
        text: "Open Badges 3.0, Final, document 1.2",
        names: &[],
        sections: "1 2 3 4 5 5.1 5.2 5.3 5.3.1 5.3.2 6 7 8 8.1 8.2 8.2.1 8.2.2 8.2.3 8.2.4 8.2.5 8.2.6 8.2.6.1 8.3 8.3.1 8.3.2 8.4 \
            8.5 9 9.1 9.2 9.3 10 10.1",
    },
    Edition {
        mark: "6749",
        text: "RFC 6749, OAuth 2.0",
        names: &["rfc6749_"],
        sections: "1 1.1 1.2 1.3 1.3.1 1.3.2 1.3.3 1.3.4 1.4 1.5 1.6 1.7 1.8 1.9 2 2.1 2.2 2.3 2.3.1 2.3.2 2.4 3 3.1 3.1.1 \
            3.1.2 3.1.2.1 3.1.2.2 3.1.2.3 3.1.2.4 3.1.2.5 3.2 3.2.1 3.3 4 4.1 4.1.1 4.1.2 4.1.2.1 4.1.3 4.1.4 4.2 \
            4.2.1 4.2.2 4.2.2.1 4.3 4.3.1 4.3.2 4.3.3 4.4 4.4.1 4.4.2 4.4.3 4.5 5 5.1 5.2 6 7 7.1 7.2 8 8.1 8.2 8.3 \
            8.4 8.5 9 10 10.1 10.2 10.3 10.4 10.5 10.6 10.7 10.8 10.9 10.10 10.11 10.12 10.13 10.14 10.15 10.16 11 \
            11.1 11.1.1 11.2 11.2.1 11.2.2 11.3 11.3.1 11.3.2 11.4 11.4.1 12 12.1 12.2 A A.1 A.2 A.3 A.4 A.5 A.6 A.7 \
            A.8 A.9 A.10 A.11 A.12 A.13 A.14 A.15 A.16 A.17 A.18 B C",
    },
    Edition {
        mark: "7636",
        text: "RFC 7636, proof key for code exchange",
        names: &["rfc7636_"],
        sections: "1 1.1 2 3 3.1 4 4.1 4.2 4.3 4.4 4.4.1 4.5 4.6 5 6 6.1 6.2 6.2.1 6.2.2 7 7.1 7.2 7.3 7.4 7.5 8 8.1 8.2 A \
            B",
    },
    Edition {
        mark: "7638",
        text: "RFC 7638, thumbprint of a key",
        names: &["rfc7638_"],
        sections: "1 1.1 2 3 3.1 3.2 3.2.1 3.2.2 3.3 3.4 3.5 4 5 6 7 8 8.1 8.2",
    },
    Edition {
        mark: "8252",
        text: "RFC 8252, OAuth 2.0 for native apps",
        names: &["rfc8252_"],
        sections: "1 2 3 4 4.1 5 6 7 7.1 7.2 7.3 8 8.1 8.2 8.3 8.4 8.5 8.6 8.7 8.8 8.9 8.10 8.11 8.12 9 10 10.1 10.2 A B \
            B.1 B.2 B.3 B.4 B.5",
    },
    Edition {
        mark: "8414",
        text: "RFC 8414, metadata of authorization servers",
        names: &["rfc8414_"],
        sections: "1 1.1 1.2 2 2.1 3 3.1 3.2 3.3 4 5 6 6.1 6.2 6.3 6.4 7 7.1 7.1.1 7.1.2 7.2 7.3 7.3.1 8 8.1 8.2",
    },
    Edition {
        mark: "9101",
        text: "RFC 9101, request objects",
        names: &["rfc9101_"],
        sections: "1 1.1 2 2.1 2.2 3 4 5 5.1 5.2 5.2.1 5.2.2 5.2.3 6 6.1 6.2 6.3 7 8 9 9.1 9.2 9.3 9.4 9.4.1 10 10.1 10.2 \
            10.3 10.4 10.4.1 10.4.2 10.5 10.6 10.7 10.8 11 11.1 11.2 11.2.1 11.2.2 12 12.1 12.2",
    },
    Edition {
        mark: "9126",
        text: "RFC 9126, pushed authorization requests",
        names: &["rfc9126_"],
        sections: "1 1.1 1.2 2 2.1 2.2 2.3 2.4 3 4 5 6 7 7.1 7.2 7.3 7.4 7.5 8 9 9.1 9.2 9.3 10 10.1 10.2",
    },
    Edition {
        mark: "9207",
        text: "RFC 9207, the issuer in the answer of the browser",
        names: &["rfc9207_"],
        sections: "1 1.1 2 2.1 2.2 2.3 2.4 3 4 5 5.1 5.2 6 6.1 6.2",
    },
    Edition {
        mark: "9449",
        text: "RFC 9449, proof of possession (DPoP)",
        names: &["rfc9449_"],
        sections: "1 1.1 2 3 4 4.1 4.2 4.3 5 5.1 5.2 6 6.1 6.2 7 7.1 7.2 7.3 8 8.1 8.2 9 10 10.1 11 11.1 11.2 11.3 11.4 \
            11.5 11.6 11.7 11.8 11.9 11.10 11.11 12 12.1 12.2 12.3 12.4 12.5 12.6 12.7 12.7.1 12.8 12.9 12.10 13 \
            13.1 13.2",
    },
    Edition {
        mark: "ATTEST",
        text: "Attestation-Based Client Authentication, draft 07, to which OpenID4VCI 1.0 holds",
        names: &["attestation_07_"],
        sections: "1 2 3 4 5 5.1 5.2 6 6.1 6.2 6.3 6.4 7 7.1 7.2 8 8.1 9 10 10.1 10.2 10.3 10.4 10.5 10.6 11 11.1 12 12.1 \
            13 13.1 13.2 13.3 13.4 13.5 A B",
    },
    Edition {
        mark: "DID",
        text: "Decentralized Identifiers (DIDs) 1.0, Recommendation of 19 July 2022",
        names: &["did_core_"],
        sections: "1 1.1 1.2 1.3 2 3 3.1 3.2 3.2.1 3.2.2 4 4.1 5 5.1 5.1.1 5.1.2 5.1.3 5.2 5.2.1 5.2.2 5.3 5.3.1 5.3.2 \
            5.3.3 5.3.4 5.3.5 5.4 6 6.1 6.2 6.2.1 6.2.2 6.3 6.3.1 6.3.2 7 7.1 7.1.1 7.1.2 7.1.3 7.2 7.2.1 7.2.2 7.3 \
            8 8.1 8.2 8.3 8.4 9 9.1 9.2 9.3 9.4 9.5 9.6 9.7 9.8 9.9 9.10 9.11 9.12 9.13 9.14 9.15 9.16 9.17 10 10.1 \
            10.2 10.3 10.4 10.5 10.6",
    },
    Edition {
        mark: "did:web",
        text: "did:web Method Specification, of the Credentials Community Group",
        names: &["did_web_"],
        sections: "1 1.1 1.2 2 2.1 2.2 2.3 2.4 2.5 2.5.1 2.5.2 2.5.3 2.5.4 2.6 2.6.1 2.6.2 2.6.3 2.6.4 2.6.5 2.6.6 2.6.7 3",
    },
];
