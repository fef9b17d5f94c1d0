from __future__ import annotations

import gzip
import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.layout import paragraphs
from rag.load import Unread, archive, file_of, original, parse, unfold
from rag.load.mail import folded
from tests.fakes.files import tarred, zipped

ENCRYPTED = (
    "504b03040a00090000007c9e785d428a9b50140000000800000005000000612e747874a21db4ce65df214b613654cdef3952"
    "e270bcb012504b0708428a9b501400000008000000504b01021e030a00090000007c9e785d428a9b50140000000800000005"
    "0000000000000001000000a48100000000612e747874504b0506000000000100010033000000470000000000"
)
"""Made with `zip -P secret a.zip a.txt`: Python writes no encrypted archives."""


def letter(body: str = "Yellen may come in July.", **attachments: bytes) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ann Lee <ann@example.org>", "bob@example.org"
    message["Subject"], message["Date"] = "The trip", "Mon, 19 Jun 2023 10:00:00 +0200"
    message.set_content(body)
    for name, data in attachments.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name.replace("_", "."))
    return message


def unfolded(name: str, data: bytes, *passwords: str) -> dict[str, str]:
    """What is found by uri: a text, or the reason why there is none."""
    parts = unfold(Path(name), data, uri=f"/d/{name}", passwords=passwords)
    return {part.uri.removeprefix("/d/"): part.reason if isinstance(part, Unread) else part.text for part in parts}


def test_a_mail_has_headers_body_and_attachments_as_documents() -> None:
    data = letter(notes_txt=b"Kerry, too.", prog_exe=b"MZ").as_bytes()
    found = unfolded("a.eml", data)
    assert found == {
        "a.eml": "# The trip\n\nFrom: Ann Lee <ann@example.org>\nTo: bob@example.org\nDate: Mon, 19 Jun 2023 10:00:00 "
        "+0200\nSubject: The trip\n\nYellen may come in July.",
        "a.eml!/notes.txt": "Kerry, too.",
        "a.eml!/prog.exe": "not yet readable (.exe)",
    }
    document = parse(Path("a.eml"), data)
    assert (document.title, document.author, document.published_at) == (
        "The trip",
        "Ann Lee <ann@example.org>",
        "2023-06-19",
    )


def test_of_two_bodies_the_plain_one_is_read_and_endless_quotations_of_quotations_are_cut() -> None:
    message = letter("Yes, gladly.\n> When?\n" + "".join(f"> > line {n}\n" for n in range(200)))
    message.add_alternative("<p>Yes, <b>gladly</b>.</p>", subtype="html")
    text = unfolded("a.eml", message.as_bytes())["a.eml"]
    assert text.count("gladly") == 1 and text.endswith("> > line 78\n> > line 79\n[…]")
    assert folded(">> a\n" * 80) == ">> a\n" * 80


def test_what_a_mail_answers_stays_whole_as_it_may_be_nowhere_else() -> None:
    body = "Yes.\n\nOn Monday Ann wrote:\n" + "".join(f"> Line {n} of what Ann wrote.\n" for n in range(12))
    assert folded(body) == body
    thread = body + "".join(f">> Line {n} of what Ann answered.\n" for n in range(12))
    assert folded(thread) == thread


@pytest.mark.parametrize(
    "older",
    [
        "On Mon, 4 May 2026 Sanne Bakker wrote:\n> It starts at 3 p.m.",
        "Am 4. Mai 2026 um 09:14 schrieb Sanne Bakker\n<sanne@harborlane.example>:\n\n> It starts at 3 p.m.",
        "-----Original Message-----\nFrom: Sanne Bakker\n\nIt starts at 3 p.m.",
        "> It starts at 3 p.m.",
        "",
    ],
)
def test_who_signs_a_mail_is_no_heading_of_what_it_answers(older: str) -> None:
    body = f"Hi all,\n\nAgenda\n\nThe party is moved to 26 June.\n\nTom\n\n{older}"
    text = parse(Path("a.eml"), bytes(letter(body))).text
    headings = [text[p.start : p.end] for p in paragraphs(text) if p.kind == "heading"]
    assert headings == ["The trip", "Agenda"]
    assert "Tom" in [text[p.start : p.end] for p in paragraphs(text)]


def test_a_mailbox_is_its_mails() -> None:
    mails = [letter("First.\n\nFrom then on, more."), letter("Second.")]
    data = b"".join(
        b"From x Mon Jun 19 10:00:00 2023\n" + m.as_bytes().replace(b"\nFrom then", b"\n>From then") + b"\n"
        for m in mails
    )
    found = unfolded("a.mbox", data)
    assert [text.rpartition("\n")[2] for text in found.values()] == ["From then on, more.", "Second."]
    assert list(found) == ["a.mbox!/1.eml", "a.mbox!/2.eml"]


def test_an_encrypted_mail_and_no_mail_say_so() -> None:
    assert (
        "is an encrypted mail"
        in unfolded("a.eml", b"From: a@b\nContent-Type: multipart/encrypted; boundary=x\n\n--x--\n")["a.eml"]
    )
    assert "has no text" in unfolded("a.eml", b"")["a.eml"]
    assert "is no mailbox" in unfolded("a.mbox", b"hello")["a.mbox"]


def test_members_of_archives_are_documents_also_within_each_other() -> None:
    inner = zipped({"deep/b.txt": "Inner."})
    parts = {"a.txt": b"Outer.", "in.zip": inner, "x.bin": b"1", "__MACOSX/a.txt": b"1", "d/.DS_Store": b"1"}
    expected = {"a.txt": "Outer.", "in.zip!/deep/b.txt": "Inner.", "x.bin": "not yet readable (.bin)"}
    for name, data in {"a.zip": zipped(parts), "a.tar": tarred(parts), "a.tar.gz": tarred(parts, "w:gz")}.items():
        assert unfolded(name, data) == {f"{name}!/{member}": text for member, text in expected.items()}
    assert unfolded("a.txt.gz", gzip.compress(b"Packed.")) == {"a.txt.gz!/a.txt": "Packed."}


@pytest.mark.parametrize("name", ["../../etc/a.txt", "/etc/a.txt", "C:\\a.txt", "x\\..\\..\\a.txt"])
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    for kind, data in {"a.zip": zipped({name: "x"}), "a.tar": tarred({name: b"x"})}.items():
        ((uri, reason),) = unfolded(kind, data).items()
        assert "leads out of the archive" in reason and ".." not in uri


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    zeros = bytes(archive.FREE + 1)
    assert "archive bomb" in unfolded("a.zip", zipped({"a.txt": zeros}))["a.zip!/a.txt"]
    assert "archive bomb" in unfolded("a.tar.gz", tarred({"a.txt": zeros}, "w:gz"))["a.tar.gz"]
    assert "archive bomb" in unfolded("a.txt.gz", gzip.compress(zeros))["a.txt.gz!/a.txt"]


def test_a_bomb_whose_header_lies_is_broken_off() -> None:
    data = bytearray(zipped({"a.txt": bytes(archive.FREE + 1)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + at
        data[place : place + 4] = (10).to_bytes(4, "little")
    ((_, said),) = unfolded("a.zip", bytes(data)).items()
    assert "archive bomb" in said or "damaged" in said


def test_files_too_deep_within_each_other_are_named() -> None:
    data = b"Text."
    for n in range(8):
        data = zipped({"a.txt" if n == 0 else "a.zip": data})
    ((uri, reason),) = unfolded("a.zip", data).items()
    assert "files deep within others" in reason and uri.count("!/") == 6


def test_two_members_of_one_name_are_two_documents() -> None:
    data = letter()
    for text in (b"one", b"two"):
        data.add_attachment(text, maintype="text", subtype="plain", filename="a.txt")
    assert list(unfolded("a.eml", data.as_bytes()))[1:] == ["a.eml!/a.txt", "a.eml!/a (2).txt"]


def test_the_original_of_a_member_can_be_had_again(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"in.zip": zipped({"deep/b.txt": "Inner."})}))
    assert original(f"{path}!/in.zip!/deep/b.txt", max_bytes=10_000) == b"Inner."
    with pytest.raises(DocumentError, match="is gone"):
        original(f"{path}!/in.zip!/c.txt", max_bytes=10_000)


def test_a_folder_whose_name_ends_with_the_mark_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "Hey!").mkdir()
    path = tmp_path / "Hey!" / "a.zip"
    path.write_bytes(b"")
    assert file_of(f"{path}!/b.txt") == path and file_of(str(path)) == path


@given(st.data())
def test_a_broken_archive_is_read_or_named(data: st.DataObject) -> None:
    name, whole = data.draw(
        st.sampled_from(
            [("a.zip", zipped({"a.txt": "Text. " * 20})), ("a.tar.gz", tarred({"a.txt": b"Text."}, "w:gz"))]
        )
    )
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 12))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    unfolded(name, bytes(broken))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail_or_named(data: bytes) -> None:
    assert unfolded("a.eml", b"Subject: x\n" + data)


def test_an_archive_opens_with_the_password_given() -> None:
    data = bytes.fromhex(ENCRYPTED)
    assert zipfile.is_zipfile(BytesIO(data))
    assert "is encrypted with a password. Give it" in unfolded("a.zip", data)["a.zip!/a.txt"]
    assert unfolded("a.zip", data, "wrong", "secret")["a.zip!/a.txt"] == "Sealed.\n"
