# Fetch, train, evaluate and package
run *ARGS:
    cargo run --release -- run {{ARGS}}

# Format the code
fmt:
    cargo fmt --all

# Check format, lints and documentation
lint:
    scripts/lint

# Run every test
test *ARGS:
    scripts/test {{ARGS}}

# Everything that continuous integration runs
verify:
    .ci/run

# Measure fits, predictions and the whole run
bench *ARGS:
    bench/run {{ARGS}}
