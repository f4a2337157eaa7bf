# Fetch, train, evaluate and package
run *ARGS:
    cargo run --release -- run {{ARGS}}

# Serve the newest version on http://127.0.0.1:8000
serve *ARGS:
    cargo run --release -- serve {{ARGS}}

# Show the prediction log on http://127.0.0.1:8501
monitor *ARGS:
    cargo run --release -- monitor {{ARGS}}

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

# Measure hp beside its peers
bench *ARGS:
    bench/run {{ARGS}}

# Put the API and FastAPI under the same load
bench-serve *ARGS:
    bench/serve {{ARGS}}
