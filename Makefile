# make run        sets itself up and serves the page; make run HOST=0.0.0.0 PORT=8000 serves a
#                 classroom, FOLDER=photographs (or a zip) and DECK=lfw choose what is played with
# make test       sets itself up, lints, and runs the tests, three at a time; what fails then, as
#                 browsers do on busy machines, is tried once more alone, and must pass there
# make slow       runs the tests that take minutes
# make lint       what ruff says; make format lets it tidy up
# make clean      removes caches and build/; make uninstall every environment made here (about 6 GB)

PYTHON := $(shell for python in python3.11 python3.12 python3; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$python; break; fi; done)
VENV = $(or $(PYTHON),$(error ganfake needs Python 3.11 or 3.12: install it from \
	https://www.python.org/downloads/ and try again)) .ci/with_venv.py

# HOST and PORT reach the program as they are.
ifdef FOLDER
export GANFAKE_FOLDER := $(FOLDER)
endif
ifdef DECK
export GANFAKE_DECK := $(DECK)
endif

.PHONY: run test slow lint format clean uninstall

run:
	@$(VENV) python app.py

test:
	@$(VENV) --tests --browser sh -c '\
	    ruff check . && ruff format --check .; lint=$$?; \
	    OMP_NUM_THREADS=1 pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=20 -m "not slow" \
	        || OMP_NUM_THREADS=1 pytest --last-failed --last-failed-no-failures none -m "not slow" \
	        || exit; \
	    test $$lint = 0 || echo "The tests pass, but ruff has something to say above."; \
	    exit $$lint'

slow:
	@$(VENV) --tests --browser pytest -m slow

lint:
	@$(VENV) --tests ruff check .
	@$(VENV) --tests ruff format --check .

format:
	@$(VENV) --tests ruff check --fix .
	@$(VENV) --tests ruff format .

clean:
	rm -rf .pytest_cache .ruff_cache build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

uninstall: clean
	@$(VENV) --uninstall
