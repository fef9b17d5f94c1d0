.PHONY: install check test fix docs picture

install:
	python -m pip install -e '.[test]'

check:
	ruff check .
	ruff format --check .
	mypy

test:
	pytest

fix:
	ruff check --fix .
	ruff format .

# The checkout's own code speaks, not an installed copy.
docs:
	PYTHONPATH=. python docs/generate.py

picture:
	python docs/images/make.py
