//! The shell of the window: one window, our commands, links from other programs. No protocol, no vault, no word
//! for people lives here.

mod app;
mod arguments;
mod camera;
mod commands;
mod handlers;
mod links;
mod saving;
mod settings;

use std::process::ExitCode;

use arguments::Arguments;
use tauri::{Builder, Manager as _, RunEvent, Runtime, WebviewUrl, WebviewWindowBuilder};

pub use app::App;

/// Opens the window and stays until it is closed.
pub fn run() -> ExitCode {
    keep_faults_short();
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(complaint) => return refuse(&complaint, 2),
    };
    let app = match App::prepare(&arguments) {
        Ok(app) => app,
        Err(failure) => return refuse(&failure.to_string(), failure.kind.exit_code()),
    };
    let built = with_commands(
        Builder::default()
            // First, so that a second start hands its link over before it does anything else.
            .plugin(tauri_plugin_single_instance::init(|handle, words, _| links::from_second_start(handle, words)))
            .plugin(tauri_plugin_deep_link::init())
            .plugin(tauri_plugin_opener::init()),
    )
    .manage(app)
    .setup(move |tauri| {
        open_window(tauri)?;
        links::listen(tauri.handle());
        app::tell_window(tauri.handle());
        if let Some(link) = arguments.link.clone() {
            links::arrived(tauri.handle(), link);
        }
        Ok(())
    })
    .build(tauri::generate_context!());
    match built {
        Ok(tauri) => {
            tauri.run(|handle, event| {
                if matches!(event, RunEvent::Exit) {
                    tauri::async_runtime::block_on(handle.state::<App>().wallet().lock());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error.to_string(), 1),
    }
}

/// Adds every command of the contract. In one place, so that the test of the contract uses the same list.
pub fn with_commands<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    use commands::{approvals, cards, later, session, settings, trust, vault};
    builder.invoke_handler(tauri::generate_handler![
        vault::snapshot,
        vault::create_vault,
        vault::unlock,
        vault::unlock_with_keychain,
        vault::recover,
        vault::lock,
        settings::save_settings,
        settings::open_link,
        settings::link_handlers,
        settings::take_links,
        cards::cards,
        cards::card,
        cards::delete_card,
        cards::check_card,
        cards::check_cards,
        cards::save_card,
        cards::identities,
        cards::set_identities,
        trust::trusted,
        trust::trust_issuer,
        trust::distrust,
        trust::logo,
        approvals::approvals,
        approvals::approval_key,
        approvals::add_approval,
        approvals::remove_approval,
        cards::activity,
        cards::save_receipt,
        cards::keys,
        later::waiting,
        later::collect,
        later::give_up,
        later::copies,
        later::refill,
        later::institutions,
        later::visit,
        session::session,
        session::arrive_text,
        session::arrive_file,
        session::look,
        session::answer,
        session::cancel,
    ])
}

fn open_window<R: Runtime>(app: &mut tauri::App<R>) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Leerpas")
        .inner_size(1080.0, 720.0)
        .min_inner_size(360.0, 480.0)
        // Dropped files are read by the page, as bytes; their paths are nobody's business.
        .disable_drag_drop_handler()
        // Nothing but our own page is ever shown in it.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .on_permission_request(camera::permit)
        .build()?;
    camera::enable(&window)
}

/// A fault of our own says where it happened, and nothing of what was at hand there.
fn keep_faults_short() {
    std::panic::set_hook(Box::new(|fault| {
        use std::io::Write as _;
        let place = fault.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        // Nobody may be there to read it.
        drop(writeln!(std::io::stderr(), "leerpas-app: a fault of Leerpas itself{place}"));
    }));
}

#[expect(clippy::print_stderr, reason = "there is no window yet that could say it")]
fn refuse(why: &str, code: u8) -> ExitCode {
    eprintln!("leerpas-app: {why}");
    ExitCode::from(code)
}
