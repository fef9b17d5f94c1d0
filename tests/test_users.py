"""Passwords are kept as scrypt hashes, a damaged file is named with its line, and `rag users` looks after it."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import Any

import pytest

from rag.cli.command import run
from rag.errors import SettingsError, UsageError
from rag.users import COST, Users, hashed


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path / "deep" / "users")


def test_a_user_is_admitted_by_the_password_alone(users: Users) -> None:
    users.add("ada", "correct horse", cost=2)
    assert users.admits("ada", "correct horse")
    assert not users.admits("ada", "correct hors")
    users.add("ada", "another one", cost=2)
    assert not users.admits("ada", "correct horse") and users.admits("ada", "another one")


def test_a_name_that_is_not_there_costs_as_much_as_a_wrong_password(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add("ada", "correct horse", cost=2)
    costs: list[int] = []
    monkeypatch.setattr("rag.users._scrypt", lambda password, salt, cost: costs.append(cost) or b"x")
    assert not users.admits("nobody", "correct horse")
    assert costs == [COST]


def test_the_file_has_no_password_and_is_its_owners_alone(users: Users) -> None:
    users.add("ada", "correct horse", cost=2)
    assert "correct" not in users.path.read_text() and users.path.read_text().startswith("ada:scrypt$2$8$1$")
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600
    assert hashed("same", 2) != hashed("same", 2)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "../x", "-x", "x" * 65])
def test_a_name_that_could_not_be_kept_is_refused(name: str, users: Users) -> None:
    with pytest.raises(UsageError, match="is not allowed"):
        users.add(name, "correct horse")


def test_a_short_password_is_refused(users: Users) -> None:
    with pytest.raises(UsageError, match="8 characters"):
        users.add("ada", "1234567")


@pytest.mark.parametrize("line", ["ada", "ada:plain", "ada:scrypt$2$8$1$!$!", "ada:scrypt$x$8$1$AA==$AA=="])
def test_a_line_that_is_no_user_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"# comment\n\n{line}\n")
    with pytest.raises(SettingsError, match="Line 3"):
        Users(tmp_path / "users").names()


def test_the_command_adds_lists_and_removes(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rag(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out: Any = capsys.readouterr()
        return code, out.out, out.err

    code, _, err = rag("users", "list")
    assert code == 2 and "rag users add NAME" in err
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    code, out, err = rag("users", "add", "ada", "--stdin")
    assert (code, out.startswith("ada may log in")) == (0, True) and f"RAG_AUTH={home / 'users'}" in err
    assert rag("users", "list", "--json")[1].split() == ["[", '"ada"', "]"]
    assert Users(home / "users").admits("ada", "correct horse")
    assert rag("users", "remove", "ada")[0] == 0
    code, _, err = rag("users", "remove", "ada")
    assert code == 2 and "There is no user 'ada'" in err
