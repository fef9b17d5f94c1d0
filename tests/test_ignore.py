from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ignore import NAME, is_ignored, rules_of
from rag.walk import find


@pytest.mark.parametrize(
    ("rule", "path", "ignored"),
    [
        ("*.tmp", "a.tmp", True),
        ("*.tmp", "deep/er/a.tmp", True),
        ("*.tmp", "a.tmp.txt", False),
        ("/a.txt", "a.txt", True),
        ("/a.txt", "deep/a.txt", False),
        ("deep/*.txt", "deep/a.txt", True),
        ("deep/*.txt", "deep/er/a.txt", False),
        ("deep/**/a.txt", "deep/er/still/a.txt", True),
        ("**/er/a.txt", "deep/er/a.txt", True),
        ("[ab]?.txt", "b1.txt", True),
        ("[!ab]?.txt", "b1.txt", False),
        ("# a.txt", "# a.txt", False),
        ("a.txt\n!a.txt", "a.txt", False),
        ("a+(b).txt", "a+(b).txt", True),
        ("[z-a]", "z", False),
    ],
)
def test_rules_mean_what_they_mean_to_git(tmp_path: Path, rule: str, path: str, ignored: bool) -> None:
    (tmp_path / NAME).write_text(rule)
    assert is_ignored(rules_of(tmp_path), str(tmp_path / path), False) is ignored


def test_an_ignored_folder_is_not_entered_and_a_nearer_rule_counts_more(tmp_path: Path) -> None:
    for name in ("a.txt", "drafts/b.txt", "in/drafts/c.txt", "in/keep.log", "d.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / NAME).write_text("\ufeffdrafts/\n*.log\n")
    (tmp_path / "in" / NAME).write_text("!keep.log\n")
    found = find([tmp_path], leave_out=tmp_path / "home")
    assert [os.path.relpath(path, tmp_path) for path in found.files] == ["a.txt", "in/keep.log"]


def test_a_file_that_is_named_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("*.txt\n")
    (tmp_path / "a.txt").write_text("x")
    assert find([tmp_path / "a.txt"], leave_out=tmp_path / "home").files == [tmp_path / "a.txt"]


@given(st.text(max_size=20))
def test_no_line_is_too_odd(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    folder = tmp_path_factory.mktemp("f")
    (folder / NAME).write_text(line, encoding="utf-8", errors="replace")
    is_ignored(rules_of(folder), str(folder / "a.txt"), False)
