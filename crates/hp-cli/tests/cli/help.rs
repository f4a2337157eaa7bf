//! What `hp` says of itself.

use crate::support::Project;
use insta::assert_snapshot;

const COMMANDS: [&str; 10] = [
    "fetch",
    "validate",
    "features",
    "train",
    "evaluate",
    "package",
    "predict",
    "run",
    "doctor",
    "completions",
];

#[test]
fn without_a_command_the_help_is_shown() {
    let project = Project::new();
    assert_snapshot!(project.hp(""), @"");
}

#[test]
fn every_command_has_help() {
    let project = Project::new();
    for command in COMMANDS {
        let help = project.hp(&format!("{command} --help")).expect(0);
        assert!(help.stdout.contains(&format!("Usage: hp {command}")), "{help}");
        // Every option says what it is for.
        assert!(!help.stdout.contains("  \n\n"), "{help}");
        assert_eq!(help.stderr, "");
    }
}

#[test]
fn predict_says_where_rows_come_from() {
    assert_snapshot!(Project::new().hp("predict -h"), @"");
}

#[test]
fn the_version_names_the_commit() {
    let version = Project::new().hp("--version").expect(0).stdout;
    let commit = version
        .strip_prefix(concat!("hp ", env!("CARGO_PKG_VERSION"), " ("))
        .and_then(|rest| rest.strip_suffix(")\n"))
        .unwrap();
    assert!(
        commit == "unknown" || commit.len() == 12 && commit.chars().all(|c| c.is_ascii_hexdigit()),
        "{version}"
    );
}

#[test]
fn completions_are_scripts_for_the_shell() {
    let project = Project::new();
    for (shell, sign) in [("bash", "complete -F"), ("zsh", "#compdef hp"), ("fish", "complete -c hp")] {
        let script = project.hp(&format!("completions {shell}")).expect(0);
        assert!(script.stdout.contains(sign), "{shell}");
        for command in COMMANDS {
            assert!(script.stdout.contains(command), "{shell}: {command}");
        }
        assert_eq!(script.stderr, "");
    }
}

#[test]
fn a_mistyped_command_is_a_usage_error() {
    assert_snapshot!(Project::new().hp("trian"), @"");
    assert_snapshot!(Project::new().hp("completions tcsh"), @"");
}

#[test]
fn stages_in_the_wrong_order_are_a_usage_error() {
    assert_snapshot!(Project::new().hp("run --from package --to train"), @"");
}

#[test]
fn output_has_no_colour_and_no_bars_outside_a_terminal() {
    let project = Project::new();
    let mut commands = vec![project.command(), project.command()];
    commands[1].env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1");
    for command in &mut commands {
        let outcome = project.run(command.args(["run", "--offline", "--force"])).expect(0);
        for text in [&outcome.stdout, &outcome.stderr] {
            assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{outcome}");
        }
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let project = Project::trained();
    let before = project.files("");
    for command in ["features", "evaluate --format json", "predict --json input.json", "completions bash"] {
        let script = format!("{{ $hp {command}; echo code $? >&2; }} | head -0");
        let outcome = project.shell(&script);
        assert!(outcome.stderr.ends_with("code 0\n"), "{command}: {outcome}");
        assert!(!outcome.stderr.contains("error"), "{command}: {outcome}");
    }
    let after = project.files("");
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
}
