"""Tiny real files of many formats, made in code: what a test needs of them and nothing else."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence

Words = tuple[float, float, float, str]
"""Points from the left and from the bottom, size, text."""
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {_A}'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(*pages: Sequence[Words], info: str = "", rotated: bool = False, password: str = "", drawing: str = "") -> bytes:
    """A PDF in Helvetica; text in the order given. `info` is the inside of its Info dictionary.

    `drawing` is what each page has below its text, as operators of a content stream.
    """
    key, lock = _locked(password) if password else (b"", b"")
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, page in enumerate(pages):
        turn = "/Rotate 90 " if rotated else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {turn}/Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        stream = "\n".join([drawing, *(_shown(words, rotated) for words in page)]).strip().encode("cp1252")
        if password:
            stream = _rc4(hashlib.md5(key + (5 + 2 * number).to_bytes(3, "little") + b"\0\0").digest()[:10], stream)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    objects.append(f"<< {info} >>".encode())
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(objects),
        lock,
        table,
    )
    return bytes(out)


def _locked(password: str) -> tuple[bytes, bytes]:
    """The key of a PDF with this password (revision 2 of its standard handler), and what the trailer says of it."""
    padded = (password.encode("latin-1") + _PAD)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + b"\xff\xff\xff\xff" + b"id").digest()[:5]
    user = _rc4(key, _PAD)
    lock = f"/ID [<6964> <6964>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -1 /O <{owner.hex()}> /U <{user.hex()}> >>"
    return key, lock.encode()


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _shown(words: Words, rotated: bool) -> str:
    x, y, size, text = words
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    matrix = f"0 1 -1 0 {800 - y:g} {x:g}" if rotated else f"1 0 0 1 {x:g} {y:g}"
    return f"BT /F1 {size:g} Tf {matrix} Tm ({escaped}) Tj ET"


def column(x: float, top: float, *lines: str, size: float = 10) -> list[Words]:
    """Lines one under the other."""
    return [(x, top - 12 * number, size, line) for number, line in enumerate(lines)]


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(parts: Mapping[str, bytes], mode: str = "w") -> bytes:
    """A TAR archive; `mode` as for `tarfile.open`: "w:gz"."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A Word document with this inside its body; `parts` are further parts by kind ("footnotes", "styles")."""
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_RELATION}/{kind}" Target="{kind}.xml"/>' for n, kind in enumerate(parts)
    )
    return zipped(
        {
            "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": f"<Relationships>{relations}</Relationships>",
            **{f"word/{kind}.xml": f"<w:{kind} {_W}>{inside}</w:{kind}>" for kind, inside in parts.items()},
        }
    )


def paragraph(text: str, style: str = "") -> str:
    """A paragraph of a Word document."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def pptx(*slides: str, notes: str = "") -> bytes:
    """A presentation; each slide is the inside of its shape tree; the notes are of the first."""
    listed = "".join(f'<p:sldId id="{n}" r:id="r{n}"/>' for n in range(len(slides)))
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_RELATION}/slide" Target="slides/s{n}.xml"/>' for n in range(len(slides))
    )
    shown = [f"<p:sld {_P}><p:spTree>{inside}</p:spTree></p:sld>" for inside in slides]
    parts = {
        "ppt/presentation.xml": f"<p:presentation {_P} {_R}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": f"<Relationships>{relations}</Relationships>",
        **{f"ppt/slides/s{n}.xml": slide for n, slide in enumerate(shown)},
    }
    if notes:
        target = f'<Relationship Id="n" Type="{_RELATION}/notesSlide" Target="../notes.xml"/>'
        parts["ppt/slides/_rels/s0.xml.rels"] = f"<Relationships>{target}</Relationships>"
        parts["ppt/notes.xml"] = f"<p:notes {_P}>{shape(notes, 'body')}</p:notes>"
    return zipped(parts)


def shape(text: str, kind: str = "") -> str:
    """A shape of a slide, a placeholder of a kind ("title") where one is given; lines are paragraphs."""
    holder = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ""
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp>{holder}<p:txBody>{lines}</p:txBody></p:sp>"


def epub(*chapters: str, title: str = "A book") -> bytes:
    """An e-book of pages of HTML, chapters named by a table of contents only where they have no heading."""
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    opf = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{title}</dc:title><dc:creator>Ann Lee</dc:creator><dc:date>2021-05-06</dc:date></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    return zipped(
        {
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="b/x.opf"/></rootfiles></container>',
            "b/x.opf": opf,
            **{f"b/c{n}.xhtml": f"<html><body>{page}</body></html>" for n, page in enumerate(chapters)},
        }
    )


def odt(body: str) -> bytes:
    """An OpenDocument text with this inside its body."""
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table"))
    inside = f"<office:body><office:text>{body}</office:text></office:body>"
    return zipped({"content.xml": f"<office:document-content {names}>{inside}</office:document-content>"})


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """An Excel file."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
