//! A process that is killed while it writes: this program of tests again, told so by the environment.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::common::open;
use leerpas_vault::Vault;

const FOLDER: &str = "LEERPAS_TEST_KILL_FOLDER";
const ROUND: &str = "LEERPAS_TEST_KILL_ROUND";

/// For the process that is to die: its vault and what its names begin with. Nothing where nobody is to die.
pub fn writing() -> Option<(Vault, String)> {
    let (folder, round) = (env::var(FOLDER).ok()?, env::var(ROUND).ok()?);
    Some((open(Path::new(&folder)), format!("r{round}n")))
}

/// Says what was done to whom, at once.
pub fn say(what: &str, name: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{what} {name}").unwrap();
    out.flush().unwrap();
}

/// Starts this test by its name, lets it say something so often, waits a moment more and kills it. Gives the names of which
/// it said each of these words.
pub fn killed<const N: usize>(
    test: &str,
    (folder, round): (&Path, u64),
    (times, moment): (usize, Duration),
    words: [&str; N],
) -> [Vec<String>; N] {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said: Vec<String> = lines.by_ref().take(times).collect();
    std::thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
    said.extend(lines);
    words.map(|word| {
        let name = |line: &String| line.split_once(&format!("{word} ")).map(|(_, name)| name.to_owned());
        said.iter().filter_map(name).collect()
    })
}
