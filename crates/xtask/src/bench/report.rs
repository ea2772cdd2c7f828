//! The figures as tables, each with its aim.

use std::{
    fmt::{self, Write as _},
    fs,
    process::Command,
};

use super::figure::Figure;

/// The lines between which `docs/benchmarks.md` is written anew; the words around them are a person's.
const BEGIN: &str = "<!-- measured by `cargo xtask bench`: begin -->";
const END: &str = "<!-- measured: end -->";

/// A heading and what stands under it.
type Section = (&'static str, &'static [Row]);

/// A figure by its name, what it is in words, and what its median should be.
type Row = (&'static str, &'static str, Option<Aim>);

/// What a median should be.
#[derive(Debug, Clone, Copy)]
enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

use Aim::{AtLeast, AtMost};

impl Aim {
    fn is_met(self, median: f64) -> bool {
        match self {
            AtMost(limit) => median <= limit,
            AtLeast(limit) => median >= limit,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AtMost(limit) => write!(f, "≤ {limit}"),
            AtLeast(limit) => write!(f, "≥ {limit}"),
        }
    }
}

const SECTIONS: &[Section] = &[
    (
        "Start to the first card",
        &[
            ("open.10", "engine: passphrase to the first page, 10 cards", Some(AtMost(1_000.0))),
            ("open.1000", "engine: passphrase to the first page, 1,000 cards", Some(AtMost(1_000.0))),
            ("open.ratio", "engine: 1,000 cards against 10", Some(AtMost(1.1))),
            ("argon2id", "of which Argon2id, 64 MiB and three passes", None),
            ("open_without_argon2id.10", "the same with the recovery key, without Argon2id, 10 cards", None),
            ("open_without_argon2id.1000", "the same with the recovery key, without Argon2id, 1,000 cards", None),
            ("prepare", "before that: roots, trust list and network client", None),
            ("command.10", "command: `leerpas --json cards`, start to end, 10 cards", Some(AtMost(1_000.0))),
            ("command.1000", "command: `leerpas --json cards`, start to end, all 1,000 cards", Some(AtMost(1_000.0))),
            ("command.ratio", "command: 1,000 cards against 10", Some(AtMost(1.1))),
        ],
    ),
    (
        "Receive and present over loopback",
        &[
            ("receive.1", "receive: offer to kept card, 1 card in the vault", Some(AtMost(300.0))),
            ("receive.1000", "receive: offer to kept card, 1,000 cards in the vault", Some(AtMost(300.0))),
            ("delete.1", "throw it away, with copies, keys and words in the index", None),
            ("delete.1000", "the same among 1,000 cards", None),
            ("present.1", "present: link to confirmed, 1 card that fits", Some(AtMost(150.0))),
            ("present_plan.1", "of which link to the question", None),
            ("present_answer.1", "of which yes to confirmed", None),
            ("present_verdict.1", "link to the verdict on the desk's page", None),
            ("present.1000", "present: link to confirmed, 1,000 cards that fit", Some(AtMost(150.0))),
            ("present_plan.1000", "of which link to the question", None),
            ("present_answer.1000", "of which yes to confirmed", None),
            ("present_verdict.1000", "link to the verdict on the desk's page", None),
        ],
    ),
    (
        "Search among 1,000 cards",
        &[
            ("search.one_card", "a whole title, which is on one card", Some(AtMost(10.0))),
            ("search.one_word", "a word on 40 cards", Some(AtMost(10.0))),
            ("search.two_words", "a word and the start of another", Some(AtMost(10.0))),
            ("search.one_letter", "one letter", Some(AtMost(10.0))),
            ("search.in_every_card", "a word on every card", Some(AtMost(10.0))),
            ("search.in_no_card", "a word on no card", Some(AtMost(10.0))),
        ],
    ),
    (
        "Verification by one thread",
        &[
            ("verify.sd_jwt_vc", "SD-JWT VC with every disclosure, ES256, certificate chain", None),
            ("verify.sd_jwt_vc_with_key_binding", "the same with three claims shown and key binding", None),
            ("verify.open_badge_eddsa", "Open Badges 3.0, eddsa-rdfc-2022", None),
        ],
    ),
    (
        "Beside other implementations",
        &[
            ("peer.sd_jwt.ours", "SD-JWT VC, six disclosures and key binding, ES256: ours", None),
            ("peer.sd_jwt.theirs", "the same by `@sd-jwt` on Node", None),
            ("peer.sd_jwt.ratio", "ours against `@sd-jwt`", Some(AtLeast(4.0))),
            ("peer.es256.aws_lc", "one bare ES256 signature, aws-lc-rs", None),
            ("peer.es256.openssl", "one bare ES256 signature, OpenSSL by way of Node", None),
            ("peer.sd_jwt.signatures", "the two signatures of each of these presentations alone, aws-lc-rs", None),
            (
                "peer.sd_jwt.of_signatures",
                "ours against its two signatures alone, in the faster of the two libraries",
                Some(AtLeast(0.8)),
            ),
            ("peer.badge.small.ours", "Open Badges 3.0 of 1.2 kB, eddsa-rdfc-2022: ours", None),
            ("peer.badge.small.theirs", "the same by Digital Bazaar's packages on Node", None),
            ("peer.badge.small.ratio", "ours against Digital Bazaar's", Some(AtLeast(20.0))),
            ("peer.badge.large.ours", "Open Badges 3.0 of 26 kB, eddsa-rdfc-2022: ours", None),
            ("peer.badge.large.theirs", "the same by Digital Bazaar's packages on Node", None),
            ("peer.badge.large.ratio", "ours against Digital Bazaar's", Some(AtLeast(20.0))),
            ("peer.badge.derived.ours", "a part of the small badge, ecdsa-sd-2023: ours", None),
            ("peer.badge.derived.theirs", "the same by Digital Bazaar's packages on Node", None),
            ("peer.badge.derived.ratio", "ours against Digital Bazaar's", None),
        ],
    ),
    (
        "Protocols beside other implementations",
        &[
            ("peer.issuance.ours", "receive, again and again: offer to kept card, three copies", None),
            ("peer.issuance.theirs", "the same by `@openid4vc` at both ends and `@sd-jwt`, without a vault", None),
            ("peer.issuance.share", "ours against that", Some(AtMost(0.5))),
            ("peer.issuance.kept", "theirs with connections that go on from flow to flow", None),
            ("peer.issuance.share_of_kept", "ours against that", None),
            ("peer.issuance.unchecked.theirs", "theirs without a look at what it receives", None),
            ("peer.issuance.unchecked.share", "ours against that", None),
            (
                "peer.presentation.ours",
                "present, again and again: link to the word of the desk, which has judged",
                None,
            ),
            ("peer.presentation.theirs", "the same by `@openid4vc` at both ends and `@sd-jwt`, without a vault", None),
            ("peer.presentation.share", "ours against that", Some(AtMost(0.5))),
            ("peer.presentation.kept", "theirs with connections that go on from flow to flow", None),
            ("peer.presentation.share_of_kept", "ours against that", None),
            ("next.issuance.ours", "receive, the second to the sixth time after a start", None),
            ("next.issuance.theirs", "the same by theirs", None),
            ("next.issuance.share", "ours against that", Some(AtMost(0.5))),
            ("next.presentation.ours", "present, the second to the sixth time after a start", None),
            ("next.presentation.theirs", "the same by theirs", None),
            ("next.presentation.share", "ours against that", Some(AtMost(0.5))),
            ("first.issuance.ours", "receive, the first time after a start", None),
            ("first.issuance.theirs", "the same by theirs", None),
            ("first.issuance.share", "ours against that", Some(AtMost(0.5))),
            ("first.presentation.ours", "present, the first time after a start", None),
            ("first.presentation.theirs", "the same by theirs", None),
            ("first.presentation.share", "ours against that", Some(AtMost(0.5))),
            ("peer.dcql.ours", "DCQL with sets over 10,000 credentials", Some(AtMost(10.0))),
            ("peer.dcql.theirs", "the same by `dcql` on Node", None),
            ("peer.dcql.ratio", "ours against `dcql`", None),
        ],
    ),
    (
        "The employer's desk",
        &[
            (
                "desk.rate",
                "whole sessions, sixteen at a time, browser and wallet on the same cores",
                Some(AtLeast(200.0)),
            ),
            ("desk.p99", "99 of 100 sessions, 200 begun in a second", Some(AtMost(250.0))),
            ("desk.memory", "most memory of the desk's process meanwhile", Some(AtMost(256.0))),
        ],
    ),
    (
        "All cores, and many badges",
        &[
            ("cores.sd_jwt.rate", "SD-JWT VC with key binding, a thread on each core", None),
            ("cores.sd_jwt.ratio", "against one thread", Some(AtLeast(1.7))),
            ("cores.badge.small.rate", "Open Badges 3.0 of 1.2 kB, a thread on each core", None),
            ("cores.badge.small.ratio", "against one thread", Some(AtLeast(1.7))),
            ("growth.1000", "most memory of a process that makes and checks 1,000 different badges", None),
            ("growth.10000", "the same for 10,000", None),
            ("growth.ratio", "10,000 against 1,000", Some(AtMost(1.1))),
        ],
    ),
    (
        "Size and memory",
        &[
            ("size.deb", "Debian package", Some(AtMost(25.0))),
            ("size.leerpas-app", "program `leerpas-app`, with the window's pages", None),
            ("size.leerpas", "program `leerpas`", None),
            ("memory.share.together", "window at rest, shared pages counted once (PSS)", None),
            ("memory.resident.together", "window at rest, shared pages counted for each process (RSS)", None),
            ("memory.resident.leerpas-app", "of which `leerpas-app`", None),
            ("memory.resident.WebKitWebProces", "of which `WebKitWebProcess`", None),
            ("memory.resident.WebKitNetworkPr", "of which `WebKitNetworkProcess`", None),
            ("size.vault.1000", "`vault.db` with 1,000 cards", None),
            ("size.microcredential", "a microcredential of the trial institution", None),
            ("size.badge", "a badge of the trial institution", None),
        ],
    ),
];

/// The tables in Markdown, with the machine.
pub fn write(figures: &[Figure]) -> String {
    let mut text = format!("{}\n", machine());
    for (heading, rows) in sections(figures) {
        let _ = write!(
            text,
            "\n## {heading}\n\n| What | Median | Least to most | Runs | Aim | Met |\n|---|--:|--:|--:|--:|---|\n"
        );
        for Line { figure, words, aim } in rows {
            let (least, most) = (number(figure.least), number(figure.most));
            let range = if figure.runs > 1 { format!("{least} to {most}") } else { String::new() };
            let unit = &figure.unit;
            let (limit, met) = match aim {
                Some(aim) => (format!("{aim} {unit}"), if aim.is_met(figure.median) { "yes" } else { "**no**" }),
                None => Default::default(),
            };
            let _ = writeln!(
                text,
                "| {words} | {} {unit} | {range} | {} | {limit} | {met} |",
                number(figure.median),
                figure.runs
            );
        }
    }
    text
}

/// The same for a terminal.
pub fn plain(figures: &[Figure]) -> String {
    let mut text = String::new();
    for (heading, rows) in sections(figures) {
        let _ = writeln!(text, "\n{heading}");
        for Line { figure, words, aim } in rows {
            let verdict = match aim {
                Some(aim) if aim.is_met(figure.median) => format!("  aim {aim}: met"),
                Some(aim) => format!("  aim {aim}: MISSED"),
                None => String::new(),
            };
            let _ = writeln!(
                text,
                "  {words:<68} {:>9} {:<10} ({} to {}){verdict}",
                number(figure.median),
                figure.unit,
                number(figure.least),
                number(figure.most)
            );
        }
    }
    text
}

/// Puts the tables between the two lines of the document.
pub fn put_into(document: &str, tables: &str) -> Result<String, String> {
    let parts = document.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("docs/benchmarks.md needs the lines {BEGIN} and {END}"))?;
    Ok(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

/// A line of a table.
struct Line<'a> {
    figure: &'a Figure,
    words: String,
    aim: Option<Aim>,
}

/// What was measured, in the order of the tables; what no table knows comes last, so that nothing is lost.
fn sections(figures: &[Figure]) -> Vec<(&'static str, Vec<Line<'_>>)> {
    let known = |name: &str| SECTIONS.iter().flat_map(|(_, rows)| *rows).any(|(known, ..)| *known == name);
    let mut sections: Vec<_> = SECTIONS
        .iter()
        .map(|(heading, rows)| {
            let rows = rows
                .iter()
                .filter_map(|(name, words, aim)| {
                    let figure = figures.iter().find(|figure| figure.name == *name)?;
                    Some(Line { figure, words: (*words).to_owned(), aim: *aim })
                })
                .collect();
            (*heading, rows)
        })
        .collect();
    let rest: Vec<_> = figures
        .iter()
        .filter(|figure| !known(&figure.name))
        .map(|figure| Line { figure, words: format!("`{}`", figure.name), aim: None })
        .collect();
    sections.push(("Further", rest));
    sections.retain(|(_, rows)| !rows.is_empty());
    sections
}

/// Three figures that mean something.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Cores, memory and compiler; nothing that names a computer.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let kibibytes: f64 = text.lines().next()?.split_whitespace().nth(1)?.parse().ok()?;
        Some(format!("{:.0} GiB of memory", kibibytes / 1_048_576.0))
    });
    let compiler = Command::new("rustc").arg("--version").output().ok();
    let compiler = compiler.and_then(|out| Some(String::from_utf8(out.stdout).ok()?.split(" (").next()?.to_owned()));
    format!(
        "Measured on {cores} cores with {}; version {}, built with {}.",
        memory.unwrap_or_else(|| "memory unknown".to_owned()),
        env!("CARGO_PKG_VERSION"),
        compiler.unwrap_or_else(|| "an unknown compiler".to_owned())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Vec<Figure> {
        vec![
            Figure::of("open.10", "ms", vec![300.0, 310.0, 305.0]),
            Figure::of("present.1", "ms", vec![151.0]),
            Figure::of("something.new", "kB", vec![1.5]),
        ]
    }

    #[test]
    fn an_aim_that_is_missed_says_so() {
        let text = write(&figures());
        assert!(text.contains("| 305 ms | 300 to 310 | 3 | ≤ 1000 ms | yes |"), "{text}");
        assert!(text.contains("| 151 ms |  | 1 | ≤ 150 ms | **no** |"), "{text}");
        assert!(plain(&figures()).contains("MISSED"));
    }

    #[test]
    fn an_aim_may_be_a_least() {
        let figures = [Figure::of("peer.sd_jwt.ratio", "×", vec![3.9]), Figure::of("growth.ratio", "×", vec![1.02])];
        let text = write(&figures);
        assert!(text.contains("| 3.90 × |  | 1 | ≥ 4 × | **no** |"), "{text}");
        assert!(text.contains("| 1.02 × |  | 1 | ≤ 1.1 × | yes |"), "{text}");
    }

    #[test]
    fn a_figure_that_no_table_knows_is_written_too() {
        assert!(write(&figures()).contains("`something.new` | 1.50 kB"));
    }

    #[test]
    fn the_words_around_the_tables_stay() {
        let document = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        assert_eq!(put_into(&document, "new\n").unwrap(), format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert!(put_into("no lines", "new").is_err());
    }

    #[test]
    fn numbers_keep_three_figures() {
        assert_eq!((number(1234.5).as_str(), number(12.34).as_str(), number(0.123).as_str()), ("1234", "12.3", "0.12"));
    }
}
