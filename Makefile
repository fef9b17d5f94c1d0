.PHONY: install check test fix

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
