//! What crosses between the window and the engine: views out, answers in. No Tauri here.

pub mod contract;
pub mod view;
