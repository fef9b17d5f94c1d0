"""A question that asks several things -> its parts, each to be searched by itself.

"When did the talks end and who led them?" asks two things; "Who met Simon and Garfunkel?" one. A part begins with a
question word or a verb in front of its subject ("… and did it last?"), and what was asked before must be a question
of its own, so that a list of names or of verbs is never torn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.understand.topic import Topic, resolved
from rag.words import content

MOST = 4
"""Parts of one question; whoever asks more gets the last ones together."""
JOINTS = 40
"""Times of "and" at which a sentence is tried to be parted: thousands of them would take minutes."""
_BEGINNING = 200
"""Characters of a part that are looked at."""
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n['’]t)?"
_WORD = r"(?:who|whom|whose|what|which|when|where|why|how)"
_SUBJECT = (
    r"(?:I|you|he|she|it|we|they|there|this|that|these|those|the|an?|any|his|her|its|their|my|our|your|[A-Z][\w’'-]+)"
)
# A question that can stand behind "and": turned round ("did it end"), or of its own subject ("who led it").
_TURNED = (
    rf"(?:{_WORD}|what (?!if\b)[\w’'-]+(?: [\w’'-]+)?|which [\w’'-]+(?: [\w’'-]+)?"
    rf"|how [\w’'-]+(?: [\w’'-]+){{0,2}}) {_AUX}\b"
)
_ASKS_OF_SUBJECT = r"(?:who|which [\w’'-]+|how many [\w’'-]+|what) (?!if\b|else\b|not\b|when\b|where\b|why\b)[\w’'-]+"
_ALONE = r"(?:when|where|why|how|by whom|for how long|how (?:much|many|long|often|far))(?=\s*\?*\s*$)"
_GAP = r"(?<!\s),?\s+"
# From its beginning: tried from each of its blanks, a gap of thousands would take seconds.
_TURNED_AT = re.compile(
    rf"{_GAP}(?:and|or)\s+(?:also\s+|then\s+)?(?=(?:in |on |at |by |from |for |to |with )?{_TURNED})", re.I
)
_OF_SUBJECT_AT = re.compile(rf"{_GAP}and\s+(?:also\s+)?(?={_ASKS_OF_SUBJECT})", re.I)
_ALONE_AT = re.compile(rf"{_GAP}and\s+(?:if so,?\s+)?(?={_ALONE})", re.I)
_VERB_AT = re.compile(rf"{_GAP}and,?\s+(?:if so,?\s+)?(?={_AUX} {_SUBJECT}\b)")
_QUESTION = re.compile(
    rf"^\W*(?:(?:and|so|but|or|also)\b,?\s+)?(?:(?:in|on|at|by|from|for|to|with|of)\s+)?(?:{_WORD}|{_AUX})\b", re.I
)
_EMBEDS = re.compile(
    rf"\b(?:explain|explains|explained|describe\w*|know|knows|knew|decide\w*|determine\w*|say|says|said|tell|tells|told"
    rf"|ask|asks|asked|show|shows|showed|understand|remember|discuss\w*|depend\w*|influence\w*|about|of|on|to|between"
    rf"|wonder\w*|question\w*|see|sees|learn\w*|both|either|for|from|than|with|by|in)\s+{_WORD}\b",
    re.I,
)
_ENDS = re.compile(r"\?+[\"”’)]*\s+(?=\S)")
_STRAY = re.compile(r"^(?:(?:and|or|so|but|also)\b,?\s+)+", re.I)
_OWNED = re.compile(r"\b(?:its|their)\b", re.I)
_SIDE_OF = re.compile(r"\b(?:the |an? )?\w+ of (?=(?:the|an?|this|that|these|those|my|our|your)\b)", re.I)
"""What of something was asked for: "the weight of" the pump, whose cable "its cable" is."""
_LEANS = re.compile(r"\b(?:it|its|they|them|their|theirs)\b", re.I)
_TAKES = re.compile(r"\bit (?:cost|costs|take|takes)\b", re.I)
"""What was done may be what costs or takes: "Can I bring my dog and how much does it cost?" """
_ACTS = re.compile(rf"^\W*{_AUX}\s+(?:I|you|we|one)\s+", re.I)
_ASKED = re.compile(rf"^\W*(?:how (?:many|much)|how (?:long|often|far|much|many)|{_WORD})\b\s*", re.I)


def parts(question: str) -> list[str]:
    """Return the things that a question asks, each as a question that stands alone; mostly the question itself.

    A later part gets what it leans on from the one before: "and who led them?" becomes "who led the talks?" where a
    name says so, and else keeps its words with those of the part before behind them.
    """
    found = [piece for sentence in _sentences(question) for piece in _pieces(sentence)]
    if len(found) < 2:
        return [question]
    found = [*found[: MOST - 1], " ".join(found[MOST - 1 :])] if len(found) > MOST else found
    whole = [_ended(found[0])]
    for piece in found[1:]:
        whole.append(_ended(_carried(piece, whole[-1])))
    return list(dict.fromkeys(whole))


def _sentences(question: str) -> list[str]:
    """Return the questions of a text; what is only said belongs to the question behind it, at the end to the last."""
    found: list[str] = []
    said = ""
    for sentence in _ENDS.sub("?\n", question.strip()).split("\n"):
        asked = f"{said} {sentence}".strip()
        if not content(sentence):
            said = asked
            continue
        found.append(asked)
        said = ""
    if said and found:
        found[-1] = f"{found[-1]} {said}"
    elif said:
        found.append(said)
    if len(found) > 1 and not found[-1].rstrip('"”’) ').endswith("?") and not _QUESTION.match(found[-1]):
        found[-2:] = [f"{found[-2]} {found[-1]}"]
    return found


def _pieces(sentence: str, tries: int = JOINTS) -> list[str]:
    """Return the questions that one sentence joins by "and"; after so many tries the rest is one of them."""
    joints = sorted(
        (m for pattern in (_TURNED_AT, _OF_SUBJECT_AT, _ALONE_AT, _VERB_AT) for m in pattern.finditer(sentence)),
        key=lambda m: m.start(),
    )
    for tried, match in enumerate(joints[:tries], start=1):
        left, right = sentence[: match.start()], sentence[match.end() :]
        weak = match.re in {_VERB_AT, _OF_SUBJECT_AT} or bool(re.match(r"(?:who|what|which)\b", right, re.IGNORECASE))
        if _is_question(left, right, weak):
            return [left, *_pieces(right, tries - tried)]
    return [sentence]


def _is_question(left: str, right: str, weak: bool) -> bool:
    """Say whether what stands before "and" asks something by itself, and what follows is not said within it."""
    if not _QUESTION.match(left) or not _says(left) or left.count("(") > left.count(")"):
        return False
    if left.count('"') % 2 or left.count("“") > left.count("”"):
        return False
    if weak and _EMBEDS.search(left[1:]):
        return False
    return _says(right) or bool(re.match(_ALONE, right, re.I))


def _says(text: str) -> bool:
    """Say whether a text is about anything; its beginning tells."""
    return bool(content(text[:_BEGINNING]))


def _carried(piece: str, before: str) -> str:
    """Return a later part with what it leans on."""
    piece = _STRAY.sub("", piece.strip())
    if re.fullmatch(rf"{_ALONE}\s*\?*", piece, re.I):
        return f"{piece.rstrip('? ')} {_ASKED.sub('', before)}"
    of_whole = _SIDE_OF.sub("", before) if _OWNED.search(piece) else before
    carried = resolved(piece, Topic.of(of_whole))
    # What nothing could be put for is searched for with the words that it leans on.
    if _LEANS.search(carried.text) or (_TAKES.search(piece) and not _is_subject(carried.centre, before)):
        text = (piece if _TAKES.search(piece) else carried.text).rstrip("? ")
        asked = _ASKED.sub("", before).rstrip("? ")
        acts = _ACTS.match(asked)
        return f"{text} to {asked[acts.end() :]}?" if acts and _TAKES.search(text[-8:]) else f"{text} ({asked})?"
    return carried.text


def _is_subject(centre: Sequence[str], before: str) -> bool:
    """Say whether a question is about what a pronoun stands for, and not about what somebody does with it."""
    return any(re.search(rf"\b{_AUX}\s+(?:the |an? )?{re.escape(one)}", before, re.I) for one in centre)


def _ended(piece: str) -> str:
    piece = piece.strip().rstrip(",;")
    return piece if piece.endswith(("?", ".", "!", "”", '"')) else f"{piece}?"
