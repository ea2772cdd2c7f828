//! The picture of a card: taken from inside the credential or from the baked badge itself, decoded and written anew.
//!
//! No picture is ever fetched. Only PNG and JPEG are decoded; an SVG is dropped, because drawing one takes an
//! interpreter with fonts, filters and references, which is more than a card picture is worth in a program that
//! holds private keys. What is shown is always what our own encoder wrote, never the issuer's bytes.

use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use leerpas_core::{Picture, limits};

/// The longer side of a card picture, in pixels.
pub const SIDE: u32 = 512;

/// Memory that decoding may take: four bytes for each allowed pixel, and some for the decoder.
const DECODING_BYTES: u64 = limits::PIXELS * 4 + 16 * 1024 * 1024;

/// The picture behind a `data:` URL of a PNG or JPEG; `None` for every other address and for what cannot be decoded.
pub fn picture_of_data_url(url: &str, alt: Option<&str>) -> Option<Picture> {
    let (header, data) = url.strip_prefix("data:")?.split_once(',')?;
    let kind = header.strip_suffix(";base64")?;
    if !["image/png", "image/jpeg", "image/jpg"].contains(&kind) || data.len() > limits::BADGE_IMAGE / 3 * 4 {
        return None;
    }
    picture_of_bytes(&STANDARD.decode(data).ok()?, alt)
}

/// The picture in a PNG or JPEG file, a baked badge among them; at most [`SIDE`] pixels wide and high.
pub fn picture_of_bytes(bytes: &[u8], alt: Option<&str>) -> Option<Picture> {
    let small = shrink(decode(bytes)?);
    let mut png = Cursor::new(Vec::new());
    small.write_to(&mut png, ImageFormat::Png).ok()?;
    let data_url = format!("data:image/png;base64,{}", STANDARD.encode(png.into_inner()));
    Some(Picture { data_url, alt: alt.map(str::to_owned) })
}

fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    if bytes.len() > limits::BADGE_IMAGE {
        return None;
    }
    let format = image::guess_format(bytes).ok()?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
        return None;
    }
    let (width, height) = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > limits::PIXELS {
        return None;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut caps = Limits::default();
    caps.max_alloc = Some(DECODING_BYTES);
    reader.limits(caps);
    reader.decode().ok()
}

fn shrink(picture: DynamicImage) -> DynamicImage {
    let small = if picture.width().max(picture.height()) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    // Eight bits a channel, whatever came in.
    if small.color().has_alpha() { small.into_rgba8().into() } else { small.into_rgb8().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn data_url(kind: &str, bytes: &[u8]) -> String {
        format!("data:{kind};base64,{}", STANDARD.encode(bytes))
    }

    #[test]
    fn a_large_picture_comes_out_small_and_written_anew() {
        let picture = picture_of_data_url(&data_url("image/png", &png(2_000, 500)), Some("Een ster")).unwrap();
        let bytes = STANDARD.decode(picture.data_url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let small = image::load_from_memory(&bytes).unwrap();
        assert_eq!((small.width(), small.height()), (512, 128));
        assert_eq!(picture.alt.as_deref(), Some("Een ster"));
    }

    #[test]
    fn a_jpeg_is_taken_by_its_content() {
        let mut jpeg = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(4, 4).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let picture = picture_of_data_url(&data_url("image/jpeg", &jpeg.into_inner()), None).unwrap();
        assert!(picture.data_url.starts_with("data:image/png;base64,"));
    }

    #[test]
    fn what_is_written_into_the_file_beside_the_picture_does_not_come_out() {
        let baked = crate::unbake::bake_png(&png(8, 8), "{\"canary\": 1}").unwrap();
        let picture = picture_of_bytes(&baked, None).unwrap();
        let bytes = STANDARD.decode(picture.data_url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
    }

    #[test]
    fn security_f04_a_bomb_beside_the_pixels_is_not_inflated() {
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut bomb, &vec![0; 64 * 1024 * 1024]).unwrap();
        let profile = [b"x\0\0".as_slice(), &bomb.finish().unwrap()].concat();
        // A million frames of an animation that is said to be there, and a colour profile that inflates to 64 MiB.
        let animation = [1_000_000_u32.to_be_bytes(), 0_u32.to_be_bytes()].concat();
        for (kind, data) in [(b"acTL", &animation), (b"iCCP", &profile), (b"eXIf", &vec![0xff; 1024 * 1024])] {
            let mut png = png(8, 8);
            let after_header = 8 + 25;
            let body = [kind.as_slice(), data].concat();
            let mut crc = flate2::Crc::new();
            crc.update(&body);
            let length = u32::try_from(data.len()).unwrap();
            let chunk = [&length.to_be_bytes(), body.as_slice(), &crc.sum().to_be_bytes()].concat();
            png.splice(after_header..after_header, chunk);
            if let Some(picture) = picture_of_bytes(&png, None) {
                assert!(picture.data_url.len() < 2_000, "what comes out is eight by eight pixels");
            }
        }
    }

    #[test]
    fn security_f06_addresses_and_other_kinds_are_dropped() {
        for url in [
            "https://school.example/badge.png",
            "file:///etc/passwd",
            "data:image/svg+xml;base64,PHN2Zy8+",
            "data:image/png,abc",
            "data:image/png;base64,!",
            "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
            "data:,",
            "",
        ] {
            assert_eq!(picture_of_data_url(url, None), None, "{url}");
        }
        assert_eq!(picture_of_bytes(b"<svg/>", None), None);
        assert_eq!(picture_of_bytes(&png(8, 8)[..40], None), None);
    }
}
