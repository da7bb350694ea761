# What `make lint` runs: style, types and architecture. Expects the tools on PATH.
set -e
ruff check .
ruff format --check .
mypy
lint-imports
pages=webapp/pages/static
if [ -d "$pages" ]; then
    modules=$(find "$pages" tests/js -name '*.js' -not -path '*/vendor/*' 2>/dev/null)
    deno lint --quiet $modules
    deno check --quiet $modules
fi
