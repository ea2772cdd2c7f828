//! Runs the targets, each in a process of its own.
//!
//! A panic is caught within the process. What cannot be caught there (a stack that overflows, memory without end, an input
//! that never ends) ends the process, and the parent keeps the input that was under way: it lies in a file before it is
//! tried. Memory is held twice: `ulimit -v` stops the process at 2 GiB of address space before it harms the computer, and
//! after each input the high-water mark of memory really used (`VmHWM`) may have grown by 256 MiB at most, which is the rule
//! that is published. The mark alone would come too late, and address space alone counts what is never used.

#![expect(clippy::print_stdout, reason = "telling people what is going on is what this program is for")]

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode},
    time::{Duration, Instant},
};

use leerpas_fuzz::{Broken, Pool, TARGETS, Target, World, try_input};

const WORDS: &str = "\
leerpas-fuzz --seconds N [--seed S] [--target NAME]    all targets, or one, N seconds in all
leerpas-fuzz replay NAME FILE                          one input, as it was kept";

/// Memory that one target may come to use beyond what it starts with, in kibibytes.
const MEMORY_KIB: u64 = 256 * 1024;
/// Address space of one process, in kibibytes.
const ADDRESS_SPACE_KIB: u64 = 2 * 1024 * 1024;
/// How long after its time a process may still be at an input.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["replay", name, file] => replay(name, Path::new(file)),
        ["child", name, seed, milliseconds, folder] => child(name, seed, milliseconds, Path::new(folder)),
        rest => Options::read(rest).and_then(|options| all(&options)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    seconds: u64,
    seed: u64,
    target: Option<String>,
}

impl Options {
    fn read(words: &[&str]) -> Result<Self, String> {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let mut options = Self { seconds: 60, seed: clock.map(|now| now.as_secs()).unwrap_or_default(), target: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or(WORDS)?;
            match *word {
                "--seconds" => options.seconds = value.parse().map_err(|_| WORDS)?,
                "--seed" => options.seed = value.parse().map_err(|_| WORDS)?,
                "--target" => options.target = Some((*value).to_owned()),
                _ => return Err(WORDS.to_owned()),
            }
        }
        Ok(options)
    }
}

/// Two targets at a time, each for its share of the time.
fn all(options: &Options) -> Result<(), String> {
    let targets: Vec<&Target> =
        TARGETS.iter().filter(|target| options.target.as_deref().is_none_or(|name| name == target.name)).collect();
    if targets.is_empty() {
        return Err(format!("there is no such target; there are {}", names()));
    }
    let at_once = targets.len().min(2);
    let each = Duration::from_secs(options.seconds) * at_once as u32 / targets.len() as u32;
    let folder = std::env::temp_dir().join(format!("leerpas-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    println!("seed {}; {} targets, {} ms each", options.seed, targets.len(), each.as_millis());
    let mut failures = Vec::new();
    for pair in targets.chunks(at_once) {
        let started: Vec<_> = pair.iter().map(|target| (*target, start(target, options.seed, each, &folder))).collect();
        for (target, process) in started {
            if let Err(why) = process.and_then(|process| wait(target, process, each, &folder)) {
                failures.push(format!("{}: {why}", target.name));
            }
        }
    }
    let _ = fs::remove_dir_all(&folder);
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn names() -> String {
    TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ")
}

fn start(target: &Target, seed: u64, time: Duration, folder: &Path) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let words = ["child".to_owned(), target.name.to_owned(), seed.to_string(), time.as_millis().to_string()];
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"")).arg(program);
        shell
    } else {
        Command::new(program)
    };
    command.args(words).arg(folder).spawn().map_err(|e| e.to_string())
}

/// Waits for a process, and keeps the input at which it ended if it did not end by itself.
fn wait(target: &Target, mut process: Child, time: Duration, folder: &Path) -> Result<(), String> {
    // Making the samples takes a moment too.
    let last = Instant::now() + time + PATIENCE;
    loop {
        match process.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.success() => return Ok(()),
            // It has told what it found.
            Some(status) if status.code() == Some(1) => return Err("broken".to_owned()),
            Some(status) => return Err(format!("ended with {status}; {}", keep(target, &current(target, folder))?)),
            None if Instant::now() > last => {
                let _ = process.kill();
                let _ = process.wait();
                return Err(format!("did not come to an end; {}", keep(target, &current(target, folder))?));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn current(target: &Target, folder: &Path) -> Vec<u8> {
    fs::read(folder.join(target.name)).unwrap_or_default()
}

/// Keeps an input where the next run finds it first.
fn keep(target: &Target, input: &[u8]) -> Result<String, String> {
    let sum = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let folder = corpus().join(target.name);
    let file = folder.join(format!("{sum:016x}"));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, input))
        .map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(format!("the input is kept: leerpas-fuzz replay {} {}", target.name, file.display()))
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn target(name: &str) -> Result<&'static Target, String> {
    TARGETS
        .iter()
        .find(|target| target.name == name)
        .ok_or_else(|| format!("there is no target {name}; there are {}", names()))
}

fn replay(name: &str, file: &Path) -> Result<(), String> {
    let input = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let way = try_input(target(name)?, &World::new(), &input).map_err(|broken| format!("{broken:?}"))?;
    println!("taken as: {way}");
    Ok(())
}

/// One target, in this process.
fn child(name: &str, seed: &str, milliseconds: &str, folder: &Path) -> Result<(), String> {
    let target = target(name)?;
    let (seed, milliseconds) = (seed.parse().map_err(|_| WORDS)?, milliseconds.parse().map_err(|_| WORDS)?);
    let world = World::new();
    let mut pool = Pool::new((target.samples)(&world), seed);
    let mut now = fs::File::create(folder.join(name)).map_err(|e| e.to_string())?;
    let kept = fs::read_dir(corpus().join(name)).into_iter().flatten().flatten();
    let mut waiting: Vec<Vec<u8>> = kept.filter_map(|entry| fs::read(entry.path()).ok()).collect();
    waiting.extend((target.samples)(&world));
    let before = memory_kib();
    let begun = Instant::now();
    let mut tried = 0_u64;
    while begun.elapsed() < Duration::from_millis(milliseconds) || !waiting.is_empty() {
        let input = waiting.pop().unwrap_or_else(|| pool.make());
        let write = now.set_len(0).and_then(|()| now.seek(SeekFrom::Start(0))).and_then(|_| now.write_all(&input));
        write.map_err(|e| e.to_string())?;
        let outcome = try_input(target, &world, &input);
        tried += 1;
        let grown = memory_kib().saturating_sub(before);
        let broken = match outcome {
            Ok(_) if grown > MEMORY_KIB => format!("{grown} KiB of memory"),
            Ok(way) => {
                pool.heard(input, way);
                continue;
            }
            Err(Broken::Panic) => "a panic".to_owned(),
            Err(Broken::Slow(took)) => format!("{} ms", took.as_millis()),
            Err(Broken::Rule(rule)) => rule,
        };
        return Err(format!("{name}: {broken} at input {tried} of seed {seed}; {}", keep(target, &input)?));
    }
    println!("{name:<14} {tried:>8} inputs, taken in {} ways", pool.ways());
    Ok(())
}

/// The most memory that this process really used so far, in kibibytes; 0 where the system does not say.
fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
