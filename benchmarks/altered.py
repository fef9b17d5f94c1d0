"""Sentences changed by rule: shortened, restated, and made false by a name, a number, a negation, an opposite."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import pairwise

from rag.alike import light
from rag.words import content, names

_AUX = r"(?:is|was|are|were|has|had|have|will|would|can|could|may|might|must|should)"
_VERB = rf"(?:{_AUX}|\w{{3,}}(?:ed|es)|led|won|made|took|gave|became|began|wrote|found|left|held|ran|built|sold|met)"
_NOUN = re.compile(r"\b(?:the|an?|his|her|its|their|your|my|our|of|in|on|for|with|to|and) ([a-z]{4,})\b")
_NO_NOUN = re.compile(r"(?:ed|ing|ly|ous|ive|al|ic|ful|est)$")
NAME = r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)*\b"
_MONTHS = "January February March April May June July August September October November December".split()
_OPPOSITES = (
    "increase decrease|increased decreased|increases decreases|increasing decreasing|more less|higher lower|high low|"
    "highest lowest|large small|larger smaller|largest smallest|first last|before after|north south|northern southern|"
    "east west|eastern western|won lost|rose fell|above below|early late|earlier later|old new|older younger|"
    "oldest newest|best worst|better worse|strong weak|began ended|most least|majority minority|positive negative|"
    "accepted rejected|allowed forbade|supported opposed|included excluded|always never|internal external|"
    "upper lower|public private|major minor|male female|men women|son daughter|long short|wide narrow|arrived left|"
    "bought sold|opened closed|raised lowered|maximum minimum|inside outside|with without|good bad|legal illegal"
)
OPPOSITE = {a: b for pair in _OPPOSITES.split("|") for a, b in [pair.split(), pair.split()[::-1]]}


def restated(question: str, answer: str) -> str | None:
    """Return the question as a statement with this answer, where a rule is safe."""
    q = question.strip().rstrip("?").strip()
    a = answer.strip().rstrip(".")
    rules = (
        (rf"(?:Who|What|Which) ({_VERB}) (.+)", r"{a} \1 \2"),
        (rf"(?:Which|What) (?:\w+ ){{1,2}}?({_VERB}) (.+)", r"{a} \1 \2"),
        (rf"How many ([\w ]+? {_AUX} .+)", r"{a} \1"),
        (
            r"(?:When|Where) (was|were) (.+?) (born|built|\w+ed|founded|held|made|won|signed)\b(.*)",
            r"\2 \1 \3\4 in {a}",
        ),
    )
    for pattern, form in rules:
        if match := re.fullmatch(pattern, q):
            if re.match(r"What (?:is|was|are|were) ", q):
                return (
                    None
                    if re.search(r" (?:called|named|known|of|in|by|for|to)$", q)
                    else f"{upper(q.split(' ', 2)[2])} {q.split()[1]} {a}."
                )
            return upper(match.expand(form.replace("{a}", a.replace("\\", "")))) + "."
    return None


_NOUNS = (
    r"(?:(?:the |an? )?[A-Z][\w'’.-]*(?: (?:of (?:the )?|and |the |de )?[A-Z0-9][\w'’.-]*)*"
    r"|(?:the|an?|some|most|many|these) (?:[a-z-]+ )?[a-z-]+|\w+)"
)


def restated_otherwise(question: str, answer: str) -> str | None:
    """Return the statement for questions with "did", "does", and an object or a place in front; verbs stay as they are.

    Rougher than `restated`, and for other questions: nobody read how the check did on these before it was measured.
    """
    q = question.strip().rstrip("?").strip()
    a = answer.strip().rstrip(".").replace("\\", "")
    rules = (
        (rf"How many ([\w ]+?) (?:did|do|does) ({_NOUNS}) (\w+)(.*)", r"\2 \3 {a} \1\4"),
        (rf"(?:When|Where) (?:did|do|does) ({_NOUNS}) (\w+)(.*)", r"\1 \2\3 in {a}"),
        (rf"(?:In|On|At) (?:what|which) [\w ]+? (?:did|do|does) ({_NOUNS}) (\w+)(.*)", r"\1 \2\3 in {a}"),
        (rf"(?:In|On|At) (?:what|which) [\w ]+? ({_AUX}) ({_NOUNS}) (.+)", r"\2 \1 \3 in {a}"),
        (rf"(?:What|Which|Who|Whom)(?: [\w ]+?)?? (?:did|do|does) ({_NOUNS}) (\w+)(.*)", r"\1 \2 {a}\3"),
        (rf"(?:What|Which)(?: \w+)? ({_AUX}) ({_NOUNS}) (\w+(?:ed|en|own|eld)(?: [a-z]+)?)", r"\2 \1 \3 {a}"),
        (rf"(?:When|Where) ({_AUX}) ({_NOUNS}) (.+)", r"\2 \1 \3 in {a}"),
        (rf"(?:What|Which) (?:[\w-]+ ){{1,4}}({_VERB}) (.+)", r"{a} \1 \2"),
    )
    for pattern, form in rules:
        if match := re.fullmatch(pattern, q):
            return upper(match.expand(form.replace("{a}", a))) + "."
    return None


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def compressed(sentence: str) -> str | None:
    """Drop brackets, relative clauses, an opening adjunct and a trailing participle clause; None where nothing goes."""
    text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]", "", sentence)
    text = re.sub(r",? (?:which|who|whose|where) [^,.;]{5,120},", "", text)
    text = re.sub(r"^(?:In|On|By|During|After|Since|As of|At) [^,.;]{3,40}, (?=\w)", "", text)
    text = re.sub(
        r", (?:including|such as|while|although|whereas|where|which|thereby|making|with) [^.;]*\.$", ".", text
    )
    text = re.sub(r";[^;]*\.$", ".", text)
    text = upper(re.sub(r"^(?:However|Moreover|Therefore|Thus|Furthermore|For example|Similarly), ", "", text))
    return text if text != sentence and len(content(text)) >= 4 else None


def swapped_names(sentence: str) -> str | None:
    """Exchange two names that are not members of one list."""
    found = [m for m in re.finditer(NAME, sentence) if m.start() > 0 or " " in m.group()]
    found = [m for m in found if names("x " + m.group())]
    for one, two in pairwise(found):
        between = sentence[one.end() : two.start()]
        words = set(re.findall(r"[a-z]+", between)) - {"and", "or", "the", "as", "well", "both", "in", "of"}
        plain = bool(words) and "." not in between
        if plain and len(between) > 5 and not content(one.group()) & content(two.group()):
            return sentence[: one.start()] + two.group() + between + one.group() + sentence[two.end() :]
    return None


def other_number(sentence: str, random_: random.Random) -> str | None:
    found = [m for m in re.finditer(r"(?<![\w.,])\d+(?:,\d{3})*(?![\w,.]*\d)", sentence)]
    if not found:
        return None
    match = random_.choice(found)
    value = int(match.group().replace(",", ""))
    new = value + random_.choice([1, 2, 3, 10, -1]) if value > 3 else value + random_.choice([1, 2, 5])
    shown = f"{new:,}" if "," in match.group() else str(new)
    return sentence[: match.start()] + shown + sentence[match.end() :]


def swapped_numbers(sentence: str) -> str | None:
    found = list(re.finditer(r"(?<![\w.,])\d+(?:,\d{3})*(?![\w,.]*\d)", sentence))
    for one, two in pairwise(found):
        between = sentence[one.end() : two.start()]
        if one.group() != two.group() and re.search(r"[a-z]{4}", between):
            return sentence[: one.start()] + two.group() + between + one.group() + sentence[two.end() :]
    return None


def negated(sentence: str) -> str | None:
    if re.search(r"\b(?:not|never|no)\b", sentence):
        changed = re.sub(r"\b(?:not|never|no) ", "", sentence, count=1)
        return changed if not re.search(r"\b(?:not only|no longer|no more|whether or not)\b", sentence) else None
    match = re.search(rf" {_AUX} ", sentence)
    return sentence[: match.end()] + "not " + sentence[match.end() :] if match else None


def opposite(sentence: str) -> str | None:
    for match in re.finditer(r"[a-z]+", sentence):
        if match.group() in OPPOSITE and match.start() > 0:
            return sentence[: match.start()] + OPPOSITE[match.group()] + sentence[match.end() :]
    return None


def foreign_name(sentence: str, others: Sequence[str], random_: random.Random) -> str | None:
    found = [m for m in re.finditer(NAME, sentence) if (m.start() > 0 or " " in m.group()) and names("x " + m.group())]
    others = [name for name in others if name not in sentence]
    if not found or not others:
        return None
    match = random_.choice(found)
    return sentence[: match.start()] + random_.choice(others) + sentence[match.end() :]


def hardened(sentence: str) -> str | None:
    match = re.search(r"\b(?:may have|might have|could have|may|might|could) (?:be )?", sentence)
    if not match:
        return None
    new = {"may have": "", "might have": "", "could have": ""}.get(match.group().strip(), "")
    new = "is " if match.group().endswith("be ") else new
    return sentence[: match.start()] + new + sentence[match.end() :]


def ranked(sentence: str) -> str | None:
    """Return a sentence that ranks first what it only says happened; None where it ranks by itself."""
    if re.search(
        r"\b(?:first|earliest|original\w*|initial\w*|oldest|inaugural|debut|premiere)\b", sentence, re.IGNORECASE
    ):
        return None
    match = re.search(r"\b(?:was|were) (?=(?:[a-z]+ed|born|built|held|won|made|sold|taken|written)\b)", sentence)
    return f"{sentence[: match.end()]}first {sentence[match.end() :]}" if match else None


def nouns(text: str) -> list[str]:
    """Return the common words that stand where nouns do, in order."""
    found = (match.group(1) for match in _NOUN.finditer(text))
    return [word for word in found if not _NO_NOUN.search(word) and content(word) and not content(word) & light()]


def other_noun(sentence: str, question: str, others: Sequence[str], random_: random.Random) -> tuple[str, str] | None:
    """Put another noun in place of one; where the question has that, too, in both: it asks of another thing.

    `others` has none that stands where the sentence comes from.
    """
    asked = re.findall(r"\w+", question.lower())
    mine = [word for word in nouns(sentence) if not question or word in asked]
    if not mine or not others:
        return None
    one, other = random_.choice(mine), random_.choice(others)
    changed = re.sub(rf"\b{one}\b", other, sentence, count=1)
    return changed, re.sub(rf"\b{one}\b", other, question, count=1)


_LIMITS = (
    (r"^(?:If|Unless) [^,]{5,80}, (?=[a-z])", ""),
    (r"\b(?:more than|over|at least|less than|fewer than|up to) (?=\d)", ""),
    (r"\b(?:former|vice|deputy|acting|ex)[ -](?=[A-Za-z])", ""),
    (r"\bone of the (?=(?:\w+est|most|best)\b)", "the "),
    (r"\bthe (?:second|third)[ -](?=\w+est\b)", "the "),
    (r"(?<= )([A-Z]\w+)['’]s [a-z]+ (?=(?:was|is|were|has|had)\b)", r"\1 "),
    (r"^.{0,40}\bclaim(?:s|ed)? that (?=[a-z])", ""),
    (r"^(?:Some|Many|Several) (?=[a-z])", "All "),
)


def unlimited(sentence: str) -> str | None:
    """Return a sentence without the first limit that it states: a condition, a bound, "vice", "one of", a claimant."""
    for pattern, instead in _LIMITS:
        changed = re.sub(pattern, instead, sentence, count=1)
        if changed != sentence:
            return upper(changed)
    return None
