# make run: set everything up and open the demo, in a store of its own.  make test: everything the tests need, then the whole suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-header

.PHONY: run test check bench e2e lock clean

run: export CASESHEET_STORE = sqlite:///data/demo.db
run: export CASESHEET_FILES_DIR = data/demo-files
run: $(VENV)/run.done
	@$(BIN)/python -m lib.cli init --demo
	@echo "Casesheet 案件台账: http://localhost:$(PORT)"
	@$(BIN)/streamlit run streamlit_app.py --server.port $(PORT) --server.headless true

test: $(VENV)/dev.done
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/dev.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m lib.i18n.extract --check
	$(BIN)/python -m pytest -n auto --dist loadfile

bench: $(VENV)/dev.done
	$(BIN)/python -m benchmarks

e2e: $(VENV)/dev.done
	$(BIN)/python -m pytest tests/e2e

$(VENV)/run.done: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.done: requirements-dev.txt requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.done

# After a change of requirements.in or requirements-dev.in.
lock: $(VENV)/dev.done
	$(BIN)/uv pip compile $(LOCK) requirements.in -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
