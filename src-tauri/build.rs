//! Makes Tauri's context from `tauri.conf.json` and the capabilities beside this file.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands: &'static [&'static str] = &[];
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(commands));
    tauri_build::try_build(attributes)?;
    Ok(())
}
