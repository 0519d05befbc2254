# make app: set up and start the app.   make test: set up, then lint, types, the import rule and the tests.
# make test-long: the tests that `make test` leaves out, each of which takes long and has shorter ones of its kind there.
PYTHON ?= python3
BIN := .venv/bin
PYTEST = $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
# Some machines forbid it; every process that the tests start would then compile the project anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app test test-long check format clean

app: .venv/app
	$(BIN)/streamlit run app.py

test:
	$(MAKE) --no-print-directory -j 2 .venv/test
	$(MAKE) --no-print-directory check
	$(PYTEST) -m "not long"

test-long: .venv/test
	$(PYTEST) -m long

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports

format: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/app: requirements.txt requirements-explore.txt requirements-train.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements.txt
	touch $@

.venv/test: .venv/app .cache/browser requirements-dev.txt
	$(BIN)/pip install -q -r requirements-dev.txt
	sh tests/browser/install.sh $(BIN)/playwright
	touch $@

.cache/browser:
	sh tests/browser/install.sh
	mkdir -p .cache && touch $@

clean:
	rm -rf .venv .cache/browser
