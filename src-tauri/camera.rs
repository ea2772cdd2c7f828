//! The camera of the window: for reading QR codes on the screen of somebody else, and for nothing more.

use tauri::{
    Runtime, Webview,
    webview::{PermissionKind, PermissionResponse},
};

/// What the page may use of this computer.
pub fn permit<R: Runtime>(_: Webview<R>, kind: PermissionKind) -> PermissionResponse {
    decide(kind)
}

/// The camera, which the page turns on when the person presses the button for it. Anything else is refused, also what no
/// page of ours asks for.
fn decide(kind: PermissionKind) -> PermissionResponse {
    match kind {
        PermissionKind::Camera => PermissionResponse::Allow,
        _ => PermissionResponse::Deny,
    }
}

/// Lets the web view of this window have a camera at all: WebKitGTK has none unless it is told so.
#[cfg(target_os = "linux")]
pub fn enable<R: Runtime>(window: &tauri::WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::{SettingsExt as _, WebViewExt};

    window.with_webview(|view| {
        if let Some(settings) = WebViewExt::settings(&view.inner()) {
            settings.set_enable_media_stream(true);
            // The page has no peer: what the camera sees goes nowhere.
            settings.set_enable_webrtc(false);
            #[cfg(debug_assertions)]
            settings.set_enable_mock_capture_devices(std::env::var_os("LEERPAS_TEST_CAMERA").is_some());
        }
    })
}

/// Other web views ask the person by themselves.
#[cfg(not(target_os = "linux"))]
pub fn enable<R: Runtime>(_: &tauri::WebviewWindow<R>) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_gets_the_camera_and_nothing_else() {
        assert!(matches!(decide(PermissionKind::Camera), PermissionResponse::Allow));
        for kind in [
            PermissionKind::Microphone,
            PermissionKind::Geolocation,
            PermissionKind::Notifications,
            PermissionKind::ClipboardRead,
            PermissionKind::DisplayCapture,
            PermissionKind::Midi,
            PermissionKind::Sensors,
            PermissionKind::PointerLock,
            PermissionKind::Other,
        ] {
            assert!(matches!(decide(kind), PermissionResponse::Deny), "{kind:?}");
        }
    }
}
