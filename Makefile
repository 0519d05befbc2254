# make app: set up and start the app.   make test: set up, then lint, types, the import rule and all tests.
PYTHON ?= python3
BIN := .venv/bin
# Some machines forbid it; every process that the tests start would then compile the project anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app test check format clean

app: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/test
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/app: requirements.txt requirements-explore.txt requirements-train.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements.txt
	touch $@

.venv/test: .venv/app requirements-dev.txt
	$(BIN)/pip install -q -r requirements-dev.txt
	BIN=$(BIN) sh tests/browser/install.sh
	touch $@

clean:
	rm -rf .venv
