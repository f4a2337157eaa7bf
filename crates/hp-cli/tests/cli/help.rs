//! What `hp` says of itself.

use crate::support::Project;
use insta::assert_snapshot;

const COMMANDS: [&str; 44] = [
    "fetch",
    "validate",
    "data",
    "data tag",
    "data list",
    "data checkout",
    "data diff",
    "data verify",
    "features",
    "train",
    "evaluate",
    "package",
    "predict",
    "run",
    "runs",
    "runs list",
    "runs show",
    "runs compare",
    "runs sync",
    "runs gc",
    "runs reindex",
    "models",
    "models list",
    "models show",
    "models promote",
    "models rollback",
    "models verify",
    "models pull",
    "doctor",
    "serve",
    "simulate",
    "log",
    "log init",
    "log list",
    "log show",
    "log stats",
    "log export",
    "log prune",
    "log replay",
    "monitor",
    "monitor report",
    "monitor check",
    "healthcheck",
    "completions",
];

#[test]
fn without_a_command_the_help_is_shown() {
    let project = Project::new();
    assert_snapshot!(project.hp(""), @"
    exit code 2
    --- stderr
    Tabular regression from a raw file to predictions with honest intervals

    Usage: hp <COMMAND>

    Commands:
      fetch        Download or copy the data set, check every cell, keep the valid rows
      validate     Check every cell of a file against the schema and print what is wrong
      features     Show the feature groups, the train/test split and the fitted scaler
      train        Fit and cross-validate every method, choose the trio to serve, write a model version
      evaluate     Score every method on the held-out rows, and draw the report
      package      Verify a version and write it as one archive with model card and input example
      run          Fetch, train, evaluate and package, skipping stages whose inputs are unchanged
      data         Tag, list, compare, check and bring back versions of the data set
      runs         List, compare, clear away and send trainings
      models       List and verify model versions, move aliases such as `champion` between them
      predict      Predict JSON rows, or a whole CSV or Parquet file, with the served trio
      serve        Answer predictions over HTTP and keep every one in the prediction log
      simulate     Call the API with rows that resemble real ones, and count what comes back
      log          Set up, read, export and clear the prediction log
      monitor      Show in a browser how certain the model is and whether its inputs have changed
      doctor       Check configuration, data, model versions and disk, with the cure of what is wrong
      healthcheck  Ask a running API whether it is ready; exit code 0 if it is, otherwise 1
      completions  Print the completion script of a shell
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Exit codes: 0 ok, 1 failed, 2 usage, 3 a policy was not met, 4 configuration, 5 network, 130
    interrupted.
    ");
}

#[test]
fn every_command_has_help() {
    let project = Project::new();
    for command in COMMANDS {
        let help = project.hp(&format!("{command} --help")).expect(0);
        assert!(
            help.stdout.contains(&format!("Usage: hp {command}")),
            "{help}"
        );
        // Every option says what it is for.
        assert!(!help.stdout.contains("  \n\n"), "{help}");
        assert_eq!(help.stderr, "");
    }
}

#[test]
fn predict_says_where_rows_come_from() {
    assert_snapshot!(Project::new().hp("predict -h"), @"
    exit code 0
    --- stdout
    Predict JSON rows, or a whole CSV or Parquet file, with the served trio

    Usage: hp predict [OPTIONS] <--json <FILE>|--input <FILE>>

    Options:
          --json <FILE>              A JSON object or a list of them; `-` reads standard input
          --input <FILE>             A .csv, .csv.gz or .parquet file of any size
          --output <FILE>            Where the rows of --input go with their predictions, .csv or
                                     .parquet
          --timings <FORMAT>         Print the seconds that each part of the work on --input took
                                     [possible values: json]
          --format <FORMAT>          How to print the answers to --json [default: json] [possible
                                     values: json, ndjson, csv]
          --allow-out-of-range       Warn of values outside their range instead of refusing them
          --model-version <VERSION>  A version, an alias such as `champion`, `latest`, or a version on
                                     the tracking server: `models:/hp@champion`, `models:/hp/3` [env:
                                     MODEL_VERSION=] [default: latest]
          --artifact <PATH>          A version's folder or archive, wherever it is
          --artifacts <DIR>          Folder of the model versions [env: HP_ARTIFACTS=] [default:
                                     artifacts]
      -h, --help                     Print help (see more with '--help')
    ");
}

#[test]
fn a_command_that_is_described_alone_reads_as_among_the_others() {
    let project = Project::new();
    for command in ["serve", "healthcheck"] {
        let alone = project.hp(&format!("{command} --help")).expect(0);
        let among_others = project.hp(&format!("help {command}")).expect(0);
        assert_eq!(alone.stdout, among_others.stdout);
    }
}

/// A line that is no variable may be a secret with a newline too many.
#[test]
fn a_broken_dotenv_is_named_but_not_shown_and_help_does_without_it() {
    let project = Project::new();
    for (text, line) in [
        ("# keys\nA=1\n\ngeh eim\n", 4),
        ("A=1\nB='geheim\nB\n", 2),
        ("A=geheim geheim\n", 1),
        ("A=1\nB=geheim\0\n", 2),
    ] {
        project.write(".env", text);
        let outcome = project.hp("doctor");
        assert!(!outcome.stderr.contains("eim"), "{outcome}");
        let said = format!("error: `.env` line {line} is not NAME=value\n");
        outcome.refused(4, &[&said, "hint: "]);
        for args in ["--help", "--version", "serve --help", "completions bash"] {
            assert_eq!(project.hp(args).expect(0).stderr, "", "{args}");
        }
    }
    project.write(".env", b"A=1\nB=\xff\n");
    project.hp("doctor").refused(4, &["`.env` line 2"]);
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
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef hp"),
        ("fish", "complete -c hp"),
    ] {
        let script = project.hp(&format!("completions {shell}")).expect(0);
        assert!(script.stdout.contains(sign), "{shell}");
        for command in COMMANDS {
            let word = command.rsplit(' ').next().unwrap();
            assert!(script.stdout.contains(word), "{shell}: {command}");
        }
        assert_eq!(script.stderr, "");
    }
}

#[test]
fn a_mistyped_command_is_a_usage_error() {
    assert_snapshot!(Project::new().hp("trian"), @"
    exit code 2
    --- stderr
    error: unrecognized subcommand 'trian'

      tip: a similar subcommand exists: 'train'

    Usage: hp <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(Project::new().hp("completions tcsh"), @"
    exit code 2
    --- stderr
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    ");
}

#[test]
fn stages_in_the_wrong_order_are_a_usage_error() {
    assert_snapshot!(Project::new().hp("run --from package --to train"), @"
    exit code 2
    --- stderr
    error: --from package comes after --to train
    ");
}

#[test]
fn output_has_no_colour_and_no_bars_outside_a_terminal() {
    let project = Project::new();
    let mut commands = vec![project.command(), project.command()];
    commands[1].env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1");
    for command in &mut commands {
        let outcome = project
            .run(command.args(["run", "--offline", "--force"]))
            .expect(0);
        for text in [&outcome.stdout, &outcome.stderr] {
            assert!(
                !text.contains('\u{1b}') && !text.contains('\r'),
                "{outcome}"
            );
        }
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let project = Project::trained();
    let before = project.files("");
    for command in [
        "features",
        "evaluate --format json",
        "predict --json input.json",
        "completions bash",
    ] {
        let script = format!("{{ $hp {command}; echo code $? >&2; }} | head -0");
        let outcome = project.shell(&script);
        assert!(outcome.stderr.ends_with("code 0\n"), "{command}: {outcome}");
        assert!(!outcome.stderr.contains("error"), "{command}: {outcome}");
    }
    let after = project.files("");
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
}
