"""Encrypted Office files are opened with the passwords given, or named with what opens them."""

from __future__ import annotations

import io
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from rag.errors import DocumentError
from rag.load import parse
from tests.fakes.files import docx, paragraph, pptx, shape, xlsx

PLAIN = {
    "a.docx": docx(paragraph("Yellen may come.")),
    "a.pptx": pptx(shape("Yellen may come.")),
    "a.xlsx": xlsx({"Visits": [["Name", "Month"], ["Yellen", 7]]}),
}
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@cache
def encrypted(name: str, password: str = "secret") -> bytes:
    whole, locked = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN[name])) as plain, zipfile.ZipFile(whole, "w") as archive:
        for part in plain.namelist():
            archive.writestr(part, plain.read(part))
        if "[Content_Types].xml" not in plain.namelist():  # by it the library tells an Office file
            archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("padding", b" " * 4096)  # the library writes none smaller that can be opened
    OOXMLFile(whole).encrypt(password, locked)
    return locked.getvalue()


@pytest.mark.parametrize("name", PLAIN)
def test_an_encrypted_file_is_read_with_the_password_that_fits(name: str) -> None:
    data = encrypted(name)
    assert data.startswith(OLE)
    assert "Yellen" in parse(Path(name), data, passwords=("wrong", "secret")).text


def test_a_sheet_that_is_only_protected_against_changes_needs_no_password() -> None:
    assert "Yellen" in parse(Path("a.xlsx"), encrypted("a.xlsx", "VelvetSweatshop")).text


def test_without_a_password_that_fits_it_says_how_to_give_one() -> None:
    with pytest.raises(DocumentError, match=r"^a\.docx: is encrypted with a password\. Give it with --password or in"):
        parse(Path("a.docx"), encrypted("a.docx"))
    with pytest.raises(DocumentError, match=r"a password; none of the passwords given fits\. Give it with --password"):
        parse(Path("a.docx"), encrypted("a.docx"), passwords=("wrong",))


def test_where_the_extra_is_missing_it_is_named_and_no_password_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msoffcrypto", None)
    with pytest.raises(DocumentError, match=r"pip install 'footnote-rag\[encrypted\]'") as caught:
        parse(Path("a.docx"), encrypted("a.docx"), passwords=("secret",))
    assert "with --password" not in str(caught.value)  # by these words a terminal asks for one


def test_a_damaged_container_and_an_old_file_under_a_new_name_are_told_from_encrypted_ones() -> None:
    with pytest.raises(DocumentError, match="is damaged"):
        parse(Path("a.docx"), OLE + b"\x00" * 600)
    locked = bytearray(encrypted("a.docx"))
    renamed = bytes(locked).replace("EncryptionInfo".encode("utf-16-le"), "WordDocumentXX".encode("utf-16-le"))
    with pytest.raises(DocumentError, match="older Office under a newer name"):
        parse(Path("a.docx"), renamed)


def test_an_encrypted_file_that_was_cut_or_changed_is_named() -> None:
    data = encrypted("a.docx")
    for broken in (data[: len(data) // 2], data.replace(b"keyData", b"keyDatb"), data.replace(b"SHA512", b"SHA999")):
        with pytest.raises(DocumentError, match=r"^a\.docx: is (?:damaged|encrypted|no Word)"):
            parse(Path("a.docx"), broken, passwords=("secret",))
