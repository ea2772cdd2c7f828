//! What a camera sees, picture by picture, until one of them holds a code for the wallet.

/// Whether a picture holds something that can arrive: an offer or a request in a QR code, or a badge. Nothing begins, and
/// nothing of the picture is kept; whoever wants it to arrive gives it to [`crate::Wallet::arrive`], under the same rules as
/// any other picture.
pub fn holds_something(picture: &[u8]) -> bool {
    leerpas_intake::read(leerpas_intake::Input::File { name: "camera", bytes: picture }).is_ok()
}

#[cfg(test)]
mod tests {
    use leerpas_intake::qr_png;

    use super::*;

    #[test]
    fn a_picture_with_a_code_for_the_wallet_is_told_from_a_wall() {
        let request = "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fa.example%2Fr";
        assert!(holds_something(&qr_png(request, 4).unwrap()));
        for other in ["https://example.org/", "WIFI:S:thuis;;", "Noor"] {
            assert!(!holds_something(&qr_png(other, 4).unwrap()), "{other}");
        }
        for bytes in [b"".as_slice(), b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"] {
            assert!(!holds_something(bytes));
        }
    }
}
