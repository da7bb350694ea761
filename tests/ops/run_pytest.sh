# Runs pytest with the settings that make two shared cores useful.
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
exec .venv/bin/python -m pytest -q "$@"
