"""Mail: headers, the body without quotations of quotations in full, attachments as documents of their own.

RFC 5322 and MIME by Python's own parser, under its lenient policy: real mail breaks every rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import policy
from email.errors import HeaderParseError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from rag.errors import DocumentError
from rag.layout import is_title
from rag.load.draft import Draft, flat
from rag.load.encoding import decode
from rag.load.parsed import Member, Parsed, Source
from rag.load.visible import visible_text

SUFFIXES = (".eml",)
BOXES = (".mbox",)
MESSAGES = 100_000
_FROM = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_KEPT = 80
"""Lines of a quotation of a quotation that stay. Who keeps only the last mail of a thread has what came before nowhere
else; in a mailbox each mail has all before it once more, and without an end that would be read a hundred times."""
_QUOTED = re.compile(rf"(?:^[ \t]*>[ \t]*>.*(?:\n|$)){{{_KEPT + 1},}}", re.MULTILINE)
_OLDER = re.compile(
    r"\s*(?:>|--\s*$|_{5,}|-{3,} ?\w+|(?:From|Von|De|Da|Van|Från|Fra|От): "
    r"|(?=[^\n]*\d)[^\n]{4,200}(?:\n[^\n]{1,200})?:\s*(?:\n\s*>|$))",
    re.MULTILINE,
)
"""How what a mail answers begins: quoted, under a rule, with its headers, or with who wrote it when."""
_FAREWELL = 40
"""Characters: "With kind regards," is shorter."""
_ENCRYPTED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "text/calendar": ".txt",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/zip": ".zip",
}


def read(source: Source) -> Parsed:
    """Read one mail.

    Raises:
        DocumentError: it has neither headers nor text, or is encrypted.
    """
    data = source.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:200]:
        data = decode(data, source.name).encode("utf-8")
    return mail(BytesParser(policy=policy.default).parsebytes(data.lstrip()), source.name)


def mail(message: Message, name: str) -> Parsed:
    """Return a mail's text with its attachments as members.

    Raises:
        DocumentError: it has neither headers nor text, or is encrypted.
    """
    facts = {key: _header(message, key) for key in ("From", "To", "Cc", "Date", "Subject")}
    bodies, members = _parts(message)
    draft = Draft()
    draft.heading(facts["Subject"], 1)
    draft.paragraph("\n".join(f"{key}: {value}" for key, value in facts.items() if value))
    headers = draft.length
    for body in bodies:
        for paragraph in parted(body):
            draft.paragraph(paragraph)
    if draft.length == headers and not members and _is_encrypted(message):
        raise DocumentError(f"{name}: is an encrypted mail; save it decrypted from the mail program.")
    if not headers and draft.length == headers and not members:
        raise DocumentError(f"{name}: has no text: neither the headers of a mail nor a body.")
    note = "the mail itself is encrypted" if draft.length == headers and _is_encrypted(message) else ""
    return Parsed(
        text=draft.text(),
        title=facts["Subject"],
        media_type="message/rfc822",
        published_at=iso_date(facts["Date"]),
        author=facts["From"] or None,
        members=members,
        note=note,
    )


def read_box(source: Source) -> Parsed:
    """Split a mailbox into its mails, each a document of its own.

    Raises:
        DocumentError: there is no mail in it.
    """
    starts = [match for match in _FROM.finditer(source.data) if _begins(source.data, match.start())]
    if not starts:
        raise DocumentError(f"{source.name}: is no mailbox: no mail begins in it.")
    ends = [match.start() for match in starts[1:]] + [len(source.data)]
    members = []
    for number, (match, end) in enumerate(zip(starts[:MESSAGES], ends, strict=False), start=1):
        # A line of the text that begins with "From " was written as ">From ".
        data = re.sub(rb"^>(>*From )", rb"\1", source.data[match.end() : end], flags=re.MULTILINE)
        members.append(Member(f"{number}.eml", data))
    return Parsed(text="", members=tuple(members))


def _begins(data: bytes, position: int) -> bool:
    return position == 0 or (
        data[position - 2 : position] in {b"\n\n", b"\r\n"} and data[:position].endswith((b"\n\n", b"\r\n\r\n"))
    )


def folded(body: str) -> str:
    """Return a body in which a quotation within a quotation is cut to its first lines."""

    def cut(match: re.Match[str]) -> str:
        lines = match.group().splitlines()
        return "\n".join([*lines[:_KEPT], "[…]", ""])

    return _QUOTED.sub(cut, body)


def parted(body: str) -> list[str]:
    """Return the paragraphs of a body, what its writer signed with as the last line of one: it is no heading."""
    found: list[str] = []
    paragraphs = [part.strip("\n") for part in re.split(r"\n\s*\n", folded(body)) if part.strip()]
    for index, paragraph in enumerate(paragraphs):
        ends = all(map(_OLDER.match, paragraphs[index + 1 : index + 2]))
        farewell = len(found) > 1 and found[-1].endswith(",") and len(found[-1]) < _FAREWELL
        if found and (ends or farewell) and "\n" not in paragraph and is_title(paragraph.strip()):
            found[-1] += f"\n{paragraph}"
        else:
            found.append(paragraph)
    return found


def iso_date(text: str) -> str | None:
    """Return the day of a mail's date (in the zone it names) as ISO, or None."""
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _header(message: Message, key: str) -> str:
    try:
        return _sound(flat(str(message[key] or "")))
    except (HeaderParseError, ValueError, IndexError, AttributeError, TypeError, LookupError):
        # Some broken headers break the parser, too: the raw one is better than none.
        raw = next((value for name, value in message.raw_items() if name.lower() == key.lower()), "")
        return _sound(flat(str(raw)))


def _parts(message: Message) -> tuple[list[str], tuple[Member, ...]]:
    bodies: list[str] = []
    members: list[Member] = []
    for number, part in enumerate(_leaves(message), start=1):
        kind, file = part.get_content_type(), _filename(part)
        attached = part.get_content_disposition() == "attachment" or (file and not kind.startswith("text/"))
        if kind == "message/rfc822":
            members.append(_forwarded(part, file or f"message {number}.eml"))
        elif kind in {"text/plain", "text/html"} and not attached:
            text = _body(part)
            bodies.append(visible_text(text) if kind == "text/html" else text)
        elif attached and kind not in _ENCRYPTED:
            name = file or f"attachment {number}{_EXTENSIONS.get(kind, '')}"
            members.append(Member(name, _payload(part)))
    return [body for body in bodies if body.strip()], tuple(members)


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold something; of alternatives the plain text, or the page where that says nothing."""
    stack = [message]
    while stack:
        part = stack.pop()
        kind = part.get_content_type()
        if kind == "message/rfc822":
            yield part
        elif part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            stack.extend(reversed(_best(children) if kind == "multipart/alternative" else children))
        else:
            yield part


def _best(alternatives: list[Message]) -> list[Message]:
    for kind in ("text/plain", "text/html"):
        found = [part for part in alternatives if part.get_content_type() == kind and _body(part).strip()]
        if found and (kind == "text/html" or len(_body(found[0]).strip()) > 20 or len(alternatives) == 1):
            return [found[0], *(part for part in alternatives if not part.get_content_type().startswith("text/"))]
    return alternatives


def _body(part: Message) -> str:
    data = _payload(part)
    charset = part.get_content_charset() or ""
    try:
        return _sound(data.decode(charset)) if charset else decode(data, "mail")
    except (LookupError, UnicodeError):
        return _sound(data.decode("utf-8", "replace"))
    except DocumentError:  # bytes that are no text
        return ""


def _payload(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, AssertionError, LookupError):
        data = None
    if isinstance(data, bytes):
        return data
    return str(part.get_payload()).encode("utf-8", "replace")


def _filename(part: Message) -> str:
    try:
        return _sound(flat(part.get_filename() or ""))
    except (ValueError, LookupError, AttributeError, TypeError):
        return ""


def _forwarded(part: Message, name: str) -> Member:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return Member(name, problem="is an empty mail")
    try:
        data = inner.as_bytes()
    except (ValueError, LookupError, AttributeError, TypeError, KeyError):
        data = str(inner.get_payload()).encode("utf-8", "replace")
    return Member(name if name.lower().endswith(".eml") else f"{name}.eml", data)


def _is_encrypted(message: EmailMessage | Message) -> bool:
    parts: Iterable[Message] = message.walk()
    return any(part.get_content_type() in _ENCRYPTED for part in parts)


def _sound(text: str) -> str:
    """Return text without half surrogate pairs, which Python's parser uses for bytes it can't decode."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return (
            text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _is_escaped(text) else _replaced(text)
        )
    return text


def _is_escaped(text: str) -> bool:
    return all(not "\ud800" <= character <= "\udfff" or "\udc80" <= character <= "\udcff" for character in text)


def _replaced(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
