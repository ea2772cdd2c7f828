//! What gets lost between a screen and a camera, and what strangers put there.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

/// A token of five parts with `size` bytes that cannot be compressed.
fn token(size: usize, seed: u64) -> String {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{}..{}.{}.{}", part(b"{\"alg\":\"ECDH-ES\"}"), part(b"iv"), part(&noise(size, seed)), part(b"tag"))
}

fn noise(size: usize, mut seed: u64) -> Vec<u8> {
    let mut step = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u8
    };
    (0..size).map(|_| step()).collect()
}

/// An order that the number decides (Fisher and Yates).
fn shuffled(mut frames: Vec<String>, seed: u64) -> Vec<String> {
    let dice = noise(frames.len() * 2, seed);
    for at in (1..frames.len()).rev() {
        frames.swap(at, (usize::from(dice[2 * at]) * 256 + usize::from(dice[2 * at + 1])) % (at + 1));
    }
    frames
}

/// The token, and after how many frames it was there.
fn collect(texts: &[String]) -> Option<(String, usize)> {
    let mut collector = Collector::default();
    for (count, text) in (1..).zip(texts) {
        if let Collected::Whole(token) = collector.take(text) {
            return Some((token, count));
        }
    }
    None
}

#[test]
fn frames_are_what_a_qr_code_holds_best() {
    for size in [10, 3000, 60_000] {
        let frames = Frames::of(&token(size, 1)).unwrap();
        for text in &frames.texts {
            assert!(text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b":/".contains(&b)));
            assert_eq!(text.len(), frames.texts[0].len(), "one size, so that the picture does not jump");
            assert!(crate::qr_modules(text).unwrap().size <= if size > LARGE { 101 } else { 73 });
        }
        assert_eq!(frames.texts.len(), 2 * frames.needed + SPARE);
    }
}

#[test]
fn frames_in_order_need_no_more_than_there_is() {
    for size in [1, 300, 3000, 20_000, 60_000] {
        let token = token(size, 2);
        let frames = Frames::of(&token).unwrap();
        let (back, count) = collect(&frames.texts).unwrap();
        assert_eq!((back, count), (token, frames.needed), "{size}");
    }
}

#[test]
fn thirty_percent_lost_and_the_rest_in_any_order_is_enough() {
    for (size, seed) in [(300, 1), (3000, 2), (12_000, 3), (60_000, 4), (3000, 5), (3000, 6)] {
        let token = token(size, seed);
        let frames = Frames::of(&token).unwrap();
        let mut left = shuffled(frames.texts.clone(), seed);
        left.truncate(frames.texts.len() * 7 / 10);
        let (back, count) = collect(&left).unwrap();
        assert_eq!(back, token);
        assert!(count <= frames.needed + 3, "{count} of {}", frames.needed);
    }
}

#[test]
fn a_reader_that_comes_late_and_misses_every_source_symbol_gets_it_too() {
    let token = token(5000, 7);
    let frames = Frames::of(&token).unwrap();
    assert_eq!(collect(&frames.texts[frames.needed..]).unwrap().0, token);
}

#[test]
fn a_frame_twice_changes_nothing() {
    let frames = Frames::of(&token(3000, 8)).unwrap();
    let mut collector = Collector::default();
    assert_eq!(collector.take(&frames.texts[0]), Collected::More);
    for _ in 0..500 {
        assert_eq!(collector.take(&frames.texts[0]), Collected::Known);
    }
    assert_eq!(collector.progress(), (1, frames.needed));
}

#[test]
fn damaged_and_foreign_codes_change_nothing() {
    let frames = Frames::of(&token(3000, 9)).unwrap();
    let mut collector = Collector::default();
    let whole = &frames.texts[0];
    for bad in ["", FRAME, "https://example.org/", "LEERPAS:1A/AAAA", "LEERPAS:2A/AAAA", &whole[..whole.len() - 1]] {
        assert_eq!(collector.take(bad), Collected::Foreign, "{bad}");
    }
    for at in FRAME.len()..whole.len() {
        let other = if &whole[at..=at] == "A" { "B" } else { "A" };
        let damaged = format!("{}{other}{}", &whole[..at], &whole[at + 1..]);
        assert_eq!(collector.take(&damaged), Collected::Foreign, "letter {at}");
    }
    assert_eq!(collector.progress(), (0, 0));
    assert_eq!(collector.take(&whole.to_ascii_lowercase()), Collected::More);
}

#[test]
fn frames_of_another_answer_in_between_stay_apart() {
    let (ours, theirs) = (token(3000, 10), token(9000, 11));
    let (a, b) = (Frames::of(&ours).unwrap(), Frames::of(&theirs).unwrap());
    let mixed: Vec<String> = b.texts.iter().zip(&a.texts).flat_map(|(b, a)| [b.clone(), a.clone()]).collect();
    assert_eq!(collect(&mixed).unwrap().0, ours);
}

#[test]
fn a_hundred_other_answers_do_not_push_out_one_that_is_nearly_there() {
    let ours = token(3000, 12);
    let frames = Frames::of(&ours).unwrap();
    let mut collector = Collector::default();
    for text in &frames.texts[..frames.needed - 1] {
        assert_eq!(collector.take(text), Collected::More);
    }
    for seed in 0..100 {
        collector.take(&Frames::of(&token(3000, 100 + seed)).unwrap().texts[0]);
    }
    assert!(collector.collecting.len() <= 4);
    assert_eq!(collector.take(&frames.texts[frames.needed]), Collected::Whole(ours));
}

#[test]
fn a_forged_frame_of_the_same_answer_costs_a_second_try_and_no_more() {
    let ours = token(3000, 13);
    let frames = Frames::of(&ours).unwrap();
    let mut forged = Frame::parse(&frames.texts[0]).unwrap();
    forged.symbol.fill(7);
    let mut texts = vec![forged.to_text()];
    // Whoever reads on for a second round gets it.
    texts.extend(frames.texts[1..].iter().cloned().chain(frames.texts.clone()));
    assert_eq!(collect(&texts).unwrap().0, ours);
}

#[test]
fn security_b_sizes_that_nobody_needs_are_refused() {
    let good = Frame::parse(&Frames::of(&token(3000, 14)).unwrap().texts[0]).unwrap();
    for (length, symbol) in [(0, 304), (u32::MAX, 304), (65_537, 304), (3000, 0), (3000, 8), (3000, 65_535)] {
        let plan = Plan { length, symbol };
        let size = usize::from(symbol).min(1000);
        let bad = Frame { plan, symbol: vec![1; size], ..good.clone() };
        assert_eq!(Collector::default().take(&bad.to_text()), Collected::Foreign, "{length} {symbol}");
    }
    assert_eq!(Frames::of(&token(MAX_PACKED + 1, 15)), Err(PackError::TooLarge));
    assert_eq!(Frames::of("no token!"), Err(PackError::Malformed));
}

#[test]
fn frames_go_through_pictures() {
    let ours = token(700, 16);
    let frames = Frames::of(&ours).unwrap();
    let mut collector = Collector::default();
    let mut whole = None;
    for text in &frames.texts[1..] {
        let picture = crate::qr_png(text, 4).unwrap();
        for code in crate::read_qr(&picture).unwrap() {
            if let Collected::Whole(token) = collector.take(&code) {
                whole = Some(token);
            }
        }
    }
    assert_eq!(whole, Some(ours));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_frames_of_number_enough_give_the_answer(size in 1_usize..8000, seed in any::<u64>()) {
        let token = token(size, seed);
        let frames = Frames::of(&token).unwrap();
        let mut some = shuffled(frames.texts.clone(), seed);
        some.truncate(frames.needed + 4);
        prop_assert_eq!(collect(&some).unwrap().0, token);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(LEERPAS:1A/)?[A-Z2-7]{0,600}", number in any::<u16>(), length in any::<u32>()) {
        let mut collector = Collector::default();
        collector.take(&text);
        let plan = Plan { length, symbol: 304 };
        let frame = Frame { name: *b"name", plan, number, symbol: vec![9; 304] };
        collector.take(&frame.to_text());
    }
}
