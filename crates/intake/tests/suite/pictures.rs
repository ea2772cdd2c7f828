//! Files and pictures: badges, QR codes, and neither.

use std::{io::Cursor, path::PathBuf, time::Instant};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, imageops};
use leerpas_core::{ErrorKind, limits};
use leerpas_intake::{
    Arrival, Input, IntakeError, OfferSource, QrError, qr_data_url, qr_modules, qr_svg, read, read_qr,
};
use proptest::prelude::*;

const OFFER: &str = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fi.example%2F1";
const REQUEST: &str = "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fd.example%2F1";

fn file(bytes: &[u8]) -> Result<Arrival, IntakeError> {
    read(Input::File { name: "something.pdf", bytes })
}

/// Draws a code with its border, each module `scale` pixels wide.
fn drawn(text: &str, scale: u32) -> GrayImage {
    let code = qr_modules(text).unwrap();
    let side = (code.size as u32 + 8) * scale;
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = ((x / scale).wrapping_sub(4) as usize, (y / scale).wrapping_sub(4) as usize);
        Luma([if x < code.size && y < code.size && code.dark[y * code.size + x] { 0 } else { 255 }])
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    encoded(picture, ImageFormat::Png)
}

fn is_offer(result: &Result<Arrival, IntakeError>) -> bool {
    matches!(result, Ok(Arrival::Offer(OfferSource::Reference(url))) if url.as_str() == "https://i.example/1")
}

/// Turned by some degrees on a larger white sheet.
fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let side = picture.width() * 3 / 2;
    let (middle, from) = (side as f32 / 2.0, picture.width() as f32 / 2.0);
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 - middle, y as f32 - middle);
        let (x, y) = (x * cos + y * sin + from, y * cos - x * sin + from);
        let inside = x >= 0.0 && y >= 0.0 && x < picture.width() as f32 && y < picture.height() as f32;
        if inside { *picture.get_pixel(x as u32, y as u32) } else { Luma([255]) }
    })
}

/// One chunk of a PNG, with a checksum worked out bit by bit.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = (data.len() as u32).to_be_bytes().to_vec();
    let summed = [kind.as_slice(), data].concat();
    let sum = summed.iter().fold(u32::MAX, |mut sum, byte| {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
        }
        sum
    });
    out.extend(&summed);
    out.extend((!sum).to_be_bytes());
    out
}

/// A picture with chunks put in behind its header (at 33) or before its end mark.
fn with_chunks(at_end: bool, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = png(GrayImage::from_pixel(8, 8, Luma([200])));
    let at = if at_end { bytes.len() - 12 } else { 33 };
    let extra: Vec<u8> = chunks.iter().flat_map(|(kind, data)| chunk(kind, data)).collect();
    bytes.splice(at..at, extra);
    bytes
}

const BADGE: &[u8] = b"openbadgecredential\0\0\0\0\0{\"type\":\"x\"}";

#[test]
fn ob3_5_3_1_a_baked_png_is_kept_byte_for_byte_whatever_its_name() {
    for (kind, data) in [
        (b"iTXt", BADGE),
        (b"iTXt", b"openbadges\0\0\0\0\0{}"),
        (b"tEXt", b"openbadges\0https://example.org/1"),
        (b"zTXt", b"openbadges\0\0x"),
    ] {
        for at_end in [false, true] {
            let baked = with_chunks(at_end, &[(kind, data)]);
            assert_eq!(file(&baked), Ok(Arrival::Credential(baked.clone())));
        }
    }
}

#[test]
fn a_badge_picture_that_also_shows_a_code_is_a_badge() {
    let mut baked = png(drawn(OFFER, 4));
    baked.splice(33..33, chunk(b"iTXt", BADGE));
    assert!(matches!(file(&baked), Ok(Arrival::Credential(_))));
}

#[test]
fn f03_a_baked_png_cut_short_anywhere_is_damaged() {
    for at_end in [false, true] {
        let baked = with_chunks(at_end, &[(b"iTXt", BADGE)]);
        for length in 8..baked.len() {
            assert_eq!(file(&baked[..length]).unwrap_err().kind(), ErrorKind::BadgeDamaged, "{length}");
        }
        for length in 1..8 {
            assert_eq!(file(&baked[..length]).unwrap_err().kind(), ErrorKind::NotRecognised, "{length}");
        }
    }
}

#[test]
fn f03_a_baked_png_with_a_changed_byte_or_a_tail_is_damaged() {
    let baked = with_chunks(false, &[(b"iTXt", BADGE)]);
    let mut changed = baked.clone();
    changed[70] ^= 1;
    assert_eq!(file(&changed).unwrap_err().kind(), ErrorKind::BadgeDamaged);
    let polyglot = [baked.as_slice(), b"PK\x03\x04<html>"].concat();
    assert_eq!(file(&polyglot).unwrap_err().kind(), ErrorKind::BadgeDamaged);
}

#[test]
fn f02_two_badges_in_one_picture_are_refused() {
    let baked = with_chunks(false, &[(b"iTXt", BADGE), (b"tEXt", b"openbadges\0{}")]);
    assert_eq!(file(&baked), Err(IntakeError::SeveralBadges));
    let svg = r#"<svg xmlns:o="http://openbadges.org"><o:assertion/><o:assertion/></svg>"#;
    assert_eq!(file(svg.as_bytes()), Err(IntakeError::SeveralBadges));
}

#[test]
fn f04_the_size_in_the_header_is_judged_before_anything_is_set_aside() {
    let mut header = png(GrayImage::from_pixel(8, 8, Luma([0])));
    for side in [20_000_u32, 100_000, u32::MAX / 2] {
        let size = [side.to_be_bytes(), side.to_be_bytes()].concat();
        let tail = header[24..29].to_vec();
        header.splice(8..33, chunk(b"IHDR", &[size, tail].concat()));
        let kind = file(&header).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::InputTooLarge | ErrorKind::BadgeDamaged), "{side}: {kind:?}");
    }
}

#[test]
fn f13_files_are_told_apart_by_content() {
    assert_eq!(file(b""), Err(IntakeError::Empty));
    for bytes in [
        b"<!DOCTYPE html><html></html>".as_slice(),
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\0\0\0\x20ftypavif",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xff\xfe{\0",
        b"\x80\x81\x82",
        b"hello",
    ] {
        assert_eq!(file(bytes).unwrap_err().kind(), ErrorKind::NotRecognised, "{bytes:?}");
    }
    let svg_named_png = br#"<svg xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"><openbadges:credential/></svg>"#;
    assert!(matches!(read(Input::File { name: "badge.png", bytes: svg_named_png }), Ok(Arrival::Credential(_))));
    let huge = vec![b'x'; 200_000_000];
    assert_eq!(file(&huge), Err(IntakeError::TooLarge { limit: limits::FILE }));
    assert_eq!(file(OFFER.as_bytes()).as_ref().map(|_| ()), Ok(()));
}

#[test]
fn f14_a_picture_without_a_badge_is_only_a_picture() {
    for bytes in [
        png(GrayImage::from_pixel(64, 64, Luma([200]))),
        encoded(GrayImage::from_pixel(64, 64, Luma([200])), ImageFormat::Jpeg),
        png(GrayImage::from_pixel(1, 1, Luma([0]))),
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>".to_vec(),
        b"<svg xmlns:o=\"https://example.org/other\"><o:credential/></svg>".to_vec(),
    ] {
        assert_eq!(file(&bytes), Err(IntakeError::NoBadgeInPicture));
    }
}

#[test]
fn f07_svg_of_bad_will() {
    let start = "<svg xmlns:o=\"http://openbadges.org\"><o:assertion verify=\"x\"/>";
    let deep = format!("{start}{}", "<g>".repeat(100_000));
    let wide = format!("{start}<g {}/></svg>", "a=\"\" ".repeat(800_000));
    let bound = format!("{start}<g {}/></svg>", "xmlns:a=\"http://openbadges.org\" ".repeat(100_000));
    let entities = format!("<!DOCTYPE svg [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>{start}&b;</svg>");
    let begun = Instant::now();
    assert_eq!(file(deep.as_bytes()).unwrap_err().kind(), ErrorKind::BadgeDamaged);
    assert!(file(wide.as_bytes()).is_ok());
    assert!(file(bound.as_bytes()).is_ok());
    assert!(file(entities.as_bytes()).is_ok(), "the declaration is walked past and nothing is resolved");
    assert_eq!(file(start.as_bytes()).unwrap_err().kind(), ErrorKind::BadgeDamaged);
    assert_eq!(file(format!("{start}</g></svg>").as_bytes()).unwrap_err().kind(), ErrorKind::BadgeDamaged);
    assert!(begun.elapsed().as_secs() < 20);
}

#[test]
fn h09_codes_are_read_clean_turned_inverted_on_nothing_and_as_jpeg() {
    let clean = drawn(OFFER, 5);
    let inverted = GrayImage::from_fn(clean.width(), clean.height(), |x, y| Luma([255 - clean.get_pixel(x, y)[0]]));
    let see_through = image::GrayAlphaImage::from_fn(clean.width(), clean.height(), |x, y| {
        LumaA([0, 255 - clean.get_pixel(x, y)[0]])
    });
    let mut screen = GrayImage::from_pixel(1920, 1080, Luma([180]));
    imageops::replace(&mut screen, &clean, 700, 300);
    for (case, bytes) in [
        ("clean", png(clean.clone())),
        ("quarter", png(imageops::rotate90(&clean))),
        ("half", png(imageops::rotate180(&clean))),
        ("mirrored", png(imageops::flip_horizontal(&clean))),
        ("inverted", png(inverted)),
        ("transparent", png(see_through)),
        ("blurred", png(imageops::blur(&clean, 1.2))),
        ("jpeg", encoded(clean.clone(), ImageFormat::Jpeg)),
        ("screen", png(screen)),
        ("turned a little", png(turned(&clean, 12.0))),
        ("smaller", png(imageops::resize(&clean, 200, 200, imageops::FilterType::Triangle))),
    ] {
        assert!(is_offer(&file(&bytes)), "{case}: {:?}", file(&bytes));
    }
}

#[test]
fn h09_broken_pictures_and_noise_do_no_harm() {
    let jpeg = encoded(drawn(OFFER, 4), ImageFormat::Jpeg);
    for length in (0..jpeg.len()).step_by(97) {
        let _ = file(&jpeg[..length]);
    }
    assert_eq!(read_qr(b""), Err(IntakeError::Empty));
    assert_eq!(read_qr(b"GIF89a").unwrap_err().kind(), ErrorKind::NotRecognised);
    assert_eq!(read_qr(&vec![0xff; limits::QR_IMAGE + 1]), Err(IntakeError::TooLarge { limit: limits::QR_IMAGE }));
}

#[test]
fn h09_a_large_picture_of_noise_is_given_up_in_time() {
    let mut state = 1_u32;
    let noise = GrayImage::from_fn(3000, 3000, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([(state >> 24) as u8])
    });
    // As bare grey levels it fits under the cap only at this size; that is the worst that gets in as noise.
    let bytes = png(noise);
    assert!(bytes.len() <= limits::QR_IMAGE);
    let begun = Instant::now();
    assert_eq!(file(&bytes), Err(IntakeError::NoBadgeInPicture));
    println!("noise: {:?}", begun.elapsed());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn h09_the_largest_picture_that_is_taken_is_read_in_time() {
    let mut large = GrayImage::from_pixel(5000, 5000, Luma([255]));
    imageops::replace(&mut large, &drawn(OFFER, 6), 3000, 3000);
    let bytes = png(large);
    let begun = Instant::now();
    assert!(is_offer(&file(&bytes)));
    println!("25 Mpx: {:?}", begun.elapsed());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn h09_a_crafted_grid_of_finder_patterns_is_given_up_in_time() {
    let finder = |x: u32, y: u32| {
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        x < 7 && y < 7 && ring != 2
    };
    // Ten thousand are not tried at all; 289 are just few enough to be tried.
    for modules in [900, 153] {
        let grid = GrayImage::from_fn(modules * 2, modules * 2, |x, y| {
            Luma([if finder(x / 2 % 9, y / 2 % 9) { 0 } else { 255 }])
        });
        let begun = Instant::now();
        assert_eq!(file(&png(grid)), Err(IntakeError::NoBadgeInPicture));
        println!("grid of {modules}: {:?}", begun.elapsed());
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}

fn sheet(texts: &[&str]) -> Vec<u8> {
    let mut sheet = GrayImage::from_pixel(2000, 500 * texts.len().div_ceil(4) as u32, Luma([255]));
    for (index, text) in texts.iter().enumerate() {
        imageops::replace(&mut sheet, &drawn(text, 5), (index % 4 * 500) as i64, (index / 4 * 500) as i64);
    }
    png(sheet)
}

#[test]
fn h11_several_codes_are_all_found_and_the_person_picks() {
    let Ok(Arrival::Several(found)) = file(&sheet(&[OFFER, "https://example.org", REQUEST, OFFER])) else { panic!() };
    assert_eq!(found.len(), 2, "the same code twice is one, and one for another program is none");
    let offers: Vec<String> = (0..20).map(|n| format!("{OFFER}{n}")).collect();
    let texts: Vec<&str> = offers.iter().map(String::as_str).collect();
    let mut read = read_qr(&sheet(&texts)).unwrap();
    read.sort();
    let mut expected = offers.clone();
    expected.sort();
    assert_eq!(read, expected);
}

#[test]
fn one_code_for_us_among_others_is_taken_and_only_others_are_named() {
    assert!(is_offer(&file(&sheet(&["WIFI:S:x;;", OFFER]))));
    assert_eq!(file(&png(drawn("https://example.org", 5))), Err(IntakeError::OtherCode { scheme: "https" }));
    assert_eq!(file(&png(drawn("just words", 5))).unwrap_err().kind(), ErrorKind::NotRecognised);
}

#[test]
fn the_svg_of_a_code_has_a_border_and_no_style() {
    let svg = qr_svg(OFFER).unwrap();
    let side = qr_modules(OFFER).unwrap().size + 8;
    assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")) && !svg.contains("style"));
    assert!(svg.contains("d=\"M4 4h7v1h-7z"), "the first finder pattern stands four modules in");
    let url = qr_data_url(OFFER).unwrap();
    assert!(url.starts_with("data:image/svg+xml,%3Csvg%20xmlns=") && !url.contains(['<', '>', '#', '"', ' ']));
    assert_eq!(qr_svg(&"x".repeat(4000)), Err(QrError::TooLong));
    assert!(qr_svg(&"x".repeat(2900)).is_ok());
}

#[test]
fn letters_outside_ascii_survive_a_code() {
    for text in ["Één café in 's-Gravenhage", "日本語のテスト", "naïve ß ø"] {
        assert_eq!(read_qr(&png(drawn(text, 4))), Ok(vec![text.to_owned()]));
    }
}

/// Published badges; where the folder is absent nothing is tested, and that is said.
#[test]
fn published_badges_are_recognised() {
    let root = std::env::var_os("LEERPAS_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")), PathBuf::from);
    let folders =
        ["open-badges-2", "open-badges-3", "dutch/edubadges-demo", "dutch/dc4eu-openbadge", "dutch/dc4eu-diploma"];
    let mut count = 0;
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            println!("skipped: no vectors");
            return;
        };
        for path in entries.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("endorsements.json")) {
            let bytes = std::fs::read(&path).unwrap();
            assert!(matches!(file(&bytes), Ok(Arrival::Credential(_))), "{path:?}: {:?}", file(&bytes));
            if path.extension().is_some_and(|extension| extension == "png" || extension == "svg") {
                assert_eq!(file(&bytes), Ok(Arrival::Credential(bytes.clone())));
                assert_eq!(file(&bytes[..bytes.len() / 2]).unwrap_err().kind(), ErrorKind::BadgeDamaged, "{path:?}");
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_code_reads_back_as_what_was_written(text in "[ -~]{1,600}", scale in 3_u32..6) {
        prop_assert_eq!(read_qr(&png(drawn(&text, scale))), Ok(vec![text]));
    }

    #[test]
    fn no_bytes_do_harm(start in 0_usize..6, tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        let starts: [&[u8]; 6] = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"<svg ", b"{\"type\":", b"openid4vp://?"];
        let bytes = [starts[start], &tail].concat();
        let _ = file(&bytes);
        let _ = read(Input::Text(&String::from_utf8_lossy(&bytes)));
    }
}
