//! What was found stays mended, and the rules can be broken.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::{fs, path::Path};

use leerpas_credential::report::Verdict;
use leerpas_fuzz::{Broken, Pool, TARGETS, Target, World, try_input};

#[test]
fn kept_inputs_and_whole_samples_break_nothing() {
    let world = World::new();
    for target in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
        let kept = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| fs::read(entry.path()).unwrap());
        for input in (target.samples)(&world).into_iter().chain(kept) {
            assert!(!input.is_empty(), "{}: a sample was not made", target.name);
            if let Err(broken) = try_input(target, &world, &input) {
                panic!("{}: {broken:?}", target.name);
            }
        }
    }
}

#[test]
fn the_samples_are_what_they_say() {
    let world = World::new();
    for name in ["sd_jwt", "jws", "badge", "png", "svg"] {
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        for sample in (target.samples)(&world) {
            let report = world.is_valid(&sample).unwrap_or_else(|| panic!("{name} cannot be read"));
            assert_eq!(report.verdict, Verdict::Valid, "{name}: {report:?}");
        }
    }
}

#[test]
fn the_same_number_makes_the_same_input() {
    let world = World::new();
    let run = |target: &Target, seed| {
        let mut pool = Pool::new((target.samples)(&world), seed);
        (0..20)
            .map(|n| {
                let input = pool.make();
                pool.heard(input.clone(), n.to_string());
                input
            })
            .collect::<Vec<_>>()
    };
    for target in TARGETS {
        assert_eq!(run(target, 7), run(target, 7), "{}", target.name);
        assert_ne!(run(target, 7), run(target, 8), "{}", target.name);
    }
}

#[test]
fn a_panic_a_delay_and_a_broken_rule_are_found() {
    let world = World::new();
    let target = |run| Target { name: "x", run, samples: |_| Vec::new() };
    assert_eq!(try_input(&target(|_, input| Ok(input[9].to_string())), &world, b""), Err(Broken::Panic));
    assert_eq!(try_input(&target(|_, _| Err("r".to_owned())), &world, b""), Err(Broken::Rule("r".to_owned())));
    let slow = target(|_, _| {
        std::thread::sleep(std::time::Duration::from_millis(2_100));
        Ok(String::new())
    });
    assert!(matches!(try_input(&slow, &world, b""), Err(Broken::Slow(_))));
}
