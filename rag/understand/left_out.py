"""A fragment -> the last question with new words in their place: "and the Commerce Secretary?", "of Porto?", "Why?".

They are put for what is of their kind and form, if just one thing is. Where that isn't clear nothing is: the fragment
is then searched behind the last question and by itself, which finds more than a question with words in a wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.understand.mentions import NO_NOUNS, Mention, is_plural, is_time, is_verb, mentions
from rag.words import Token, content, tokens

_ASKED = re.compile(
    r"^\W*(?:(?:when|where|why|how|since when|how long|how often|how far|with whom|on (?:what|which) \w+"
    r"|(?:at|in) (?:what|which) \w+"
    r"|what (?:day|date|year|time))\s+)?"
    r"(?P<rest>(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_WHEN = r"(?:in|on|at|during|since|before|after|by|until|last|next|this)"
_LED = re.compile(r"(?P<lead>of|for|with|in|on|at|from|to|by|about)\s+(?P<said>.+)$", re.IGNORECASE | re.DOTALL)
_JOINS = re.compile(rf"^(?:{_WHEN}|of|for|with|from|to|by|about|if|unless|when|while|once|without|because)\b", re.I)
"""A word that is written small in the midst of a question."""
_SEVERAL = re.compile(r"\?\s+\w")
"""What was itself only understood as two questions, one behind the other."""
_PLACED = re.compile(r"\b(?:in|on|at|to|from|near|under|inside|within)\b", re.IGNORECASE)
_ONE = re.compile(r"\bones?$", re.IGNORECASE)
_NEW_ONE = re.compile(r"an? (?P<how>[a-z]+) one$", re.IGNORECASE)
"""What stands for the noun of the last question: "and a new one?"."""
_LEANS_ON = re.compile(r"['’]s?$|^(?:during|under|over|within|besides)\b", re.IGNORECASE)
"""New words that can't be put for any: "Callum's", "during probation"."""
_SOME = (
    r"(?!(?:west|guest|test|forest|request|interest|protest|harvest|contest|chest|priest|arrest|nest)\b)"
    r"(?:first|second|third|fourth|fifth|last|next|previous|latter|former|others?|least|most|worst|\w+est)"
)
_OF_SOME = re.compile(rf"(?:the )?(?P<which>{_SOME})$", re.IGNORECASE)
"""What lacks its noun: "and the second?"."""
_SOME_BEFORE = re.compile(rf"\bthe (?P<which>{_SOME})\b", re.IGNORECASE)
_SIDES = content(
    "percentage number amount population length height area size temperature distance speed age cost price fee width "
    "depth weight capacity name address date deadline duration colour reason purpose"
)
"""What something has: "And the cost?" after "How long is the warranty?" is that of the warranty."""
_SIDE_OF = re.compile(r"\b[a-z]+ of (?:the )?$")
_NOUN = re.compile(r"\s+(?:of|for|in)\s+")
"""What stands behind the chief noun of a phrase."""
_WHO = re.compile(
    r"^\W*(?:and\s+)?who (?:else )?(?P<aux>can|could|will|would|shall|should|may|might|must|is|was|has"
    r"|had)\b(?P<rest> .*)$",
    re.IGNORECASE | re.DOTALL,
)
_WHO_IS = re.compile(r"^\W*(?:and\s+)?who (?:is|was) (?:(?:the|an?|my|our|your)\b|(?-i:[A-Z]))", re.IGNORECASE)
"""Another name may be another's who is it, or one who may be it: neither "Is Porto the mayor?" nor "Who is Ann?"."""
_CONDITION = re.compile(r"(?:if|unless|when|while|once|without|because|in case)\b", re.IGNORECASE)
"""What goes on with the last question and puts nothing in the place of anything: "And if we are late?"."""
_IS = re.compile(r"^\W*(?:(?:and|so|but)\s+)?(?:\S+\s+){0,2}(?:is|are|was|were)\b", re.IGNORECASE)
_TURNED = re.compile(
    r"\b(?:do|does|did|can|could|will|would|shall|should|may|might|must)\s+(?:the |an? )?$", re.IGNORECASE
)
_NAMES = re.compile(r"(?:the )?[A-Z][\w’'.-]*(?: (?:(?:of|de|la|del) )?[A-Z][\w’'-]*)*")
_TAIL = re.compile(r"\b[a-z][\w’'-]*\s+(?:of|for|in)\s+(?:the\s+)?(?P<name>[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)$")
"""The name behind the chief noun: "the population of Lisbon"."""
_SUBJECT_ASKED = frozenset("who what which that".split())
_LINKS = frozenset("of for in on at about with without from by against between under".split())
_MOST_WORDS = 3
"""Of a phrase with nothing before it."""


def asked_otherwise(word: str, before: str) -> str:
    """Return "Why did he go?" for "Why?" after "When did he go?"; "" where the last question can't be turned so."""
    rest = None if re.match(rf"\W*{word}\b", before, re.IGNORECASE) else _ASKED.match(before)
    if rest is None:
        return ""
    asked = rest["rest"].strip()
    return f"{word[0].upper()}{word[1:].lower()} {asked[0].lower()}{asked[1:]}"


def of_another(new: str, before: str) -> str:
    """Return the last question with another subject, place or time; "" where it isn't clear what to put it for."""
    said = _JOINS.sub(lambda first: first.group().lower(), new.strip())
    if some := _OF_SOME.match(said):
        return _of_some(some["which"], before)
    if _LEANS_ON.search(said) or not content(said) or _SEVERAL.search(before):
        return ""
    if _CONDITION.match(said):
        return _and(before, said)
    if is_time(said):
        return _at_another_time(said, before)
    if led := _LED.match(said):
        return _behind_the_same(led["lead"].lower(), led["said"], before)
    who = _WHO.match(before)
    if who and not _WHO_IS.match(before) and _of_the_same_kind(said, before) is None:
        return f"{who['aux'].capitalize()} {said} {who['rest'].strip()}" if _is_somebody(said) else ""
    if _ONE.search(said):
        return _with_noun(said, before)
    old = _counterpart(said, before)
    return _put(said, before, old) if old else ""


def _and(before: str, said: str) -> str:
    return f"{before.rstrip('? ')} {said}?"


def _put(said: str, before: str, old: Mention) -> str:
    """Return the last question with new words for old ones, with one article at most."""
    if re.search(r"\b(?:which|what)\s$", before[: old.start], re.IGNORECASE):
        said = re.sub(r"^(?:the|an?)\s+", "", said, flags=re.IGNORECASE)
    article = re.search(r"\b(?:the|an?) $", before[: old.start], re.IGNORECASE)
    start = article.start() if article and re.match(r"(?:the|an?)\b", said, re.IGNORECASE) else old.start
    return f"{before[:start]}{said}{before[old.end :]}"


def _of_some(which: str, before: str) -> str:
    """Return "Which drifted the least?" for "And the least?" after "Which drifted the most?"."""
    found = list(_SOME_BEFORE.finditer(before))
    if len(found) != 1 or _SEVERAL.search(before):
        return ""
    return f"{before[: found[0].start('which')]}{which}{before[found[0].end() :]}"


def _with_noun(said: str, before: str) -> str:
    """Return the last question of "a new boiler" for "a new one"; "" for "the second one", which may be of anything."""
    new, spoken = _NEW_ONE.match(said), _things(before)
    if not new or len(spoken) != 1 or re.search(r"\b(?:which|what)\b", before, re.IGNORECASE):
        return ""
    old = spoken[0]
    article = re.search(r"\b(?:the|an?) $", before[: old.start], re.IGNORECASE)
    noun = _NOUN.split(old.text)[0].split()[-1]
    return f"{before[: article.start() if article else old.start]}{said[:-4]} {noun}{before[old.end :]}"


def _at_another_time(said: str, before: str) -> str:
    times = [mention for mention in mentions(before) if mention.kind == "time"]
    leads = re.match(rf"{_WHEN}\b", said, re.IGNORECASE)
    if len(times) != 1:
        named = times or re.search(r"\bwhen\b", before, re.IGNORECASE)
        return _and(before, said) if leads and not named else ""
    old = times[0]
    led = re.search(r"\b(?:in|on|at|during|since|before|after|by|until) (?:the )?$", before[: old.start], re.IGNORECASE)
    return f"{before[: led.start() if led and leads else old.start]}{said}{before[old.end :]}"


def _behind_the_same(lead: str, said: str, before: str) -> str:
    """Return the last question with new words behind the preposition that leads them, or with both at its end."""
    places = list(re.finditer(rf"\b{lead}\s+", before, re.IGNORECASE))
    if len(places) == 1:
        end = places[0].end()
        old = _complement(before[:end], before[end:])
        return f"{before[:end]}{said}{before[end + len(old) :]}" if old else ""
    goes_on = lead in {"for", "with"} or (lead in {"in", "on", "at"} and not _PLACED.search(before))
    return _and(before, f"{lead} {said}") if goes_on and not places else ""


def _complement(before: str, rest: str) -> str:
    """Return what a preposition leads, if that is surely a name, or the end of a question that has its verb before."""
    if names := _NAMES.match(rest):
        following = tokens(rest[names.end() :])[:1]
        return "" if any(word.content and not is_verb(word) for word in following) else names.group()
    phrase = rest.rstrip("?.! \n\t")
    words = tokens(phrase)
    bare = words[1:] if words and words[0].text.lower() in {"the", "a", "an", "our", "my", "your"} else words
    noun = 0 < len(bare) <= _MOST_WORDS and all(word.content and not is_verb(word) for word in bare)
    has_verb = _IS.match(before) or any(is_verb(word) for word in tokens(before)[1:])
    return phrase if noun and has_verb else ""


def _things(text: str) -> list[Mention]:
    return [mention for mention in mentions(text) if " and " not in mention.text and mention.kind != "time"]


def _is_somebody(text: str) -> bool:
    return any(mention.kind in {"person", "name", "group"} for mention in mentions(text))


def _counterpart(new: str, before: str) -> Mention | None:
    """Return what in the last question is of the same kind as the new words, if just one thing is."""
    if same_head := _of_the_same_kind(new, before):
        return same_head
    named = f"the {new}" if new[0].isupper() else new
    kinds = {mention.kind for mention in mentions(new) or mentions(named)}
    if not kinds:
        return _of_many(new, before)
    spoken = _things(before)
    same = [mention for mention in spoken if mention.kind in kinds]
    found = same if len(same) == 1 and "name" not in kinds else spoken
    if len(found) != 1:
        return None
    old = found[0]
    if _head(new) in _SIDES or ("person" in kinds and _SIDE_OF.search(before[: old.start])):
        return None
    if old.kind in kinds & {"person", "place"}:
        return old
    if (tail := _TAIL.search(old.text)) and kinds <= ({"place"} if _WHO_IS.match(before) else {"place", "name"}):
        return Mention(tail["name"], old.start + tail.start("name"), old.end, "name")
    alike = old.kind in kinds or "name" in kinds | {old.kind} or (kinds | {old.kind}) <= {"thing", "group"}
    return old if alike and not _NOUN.search(old.text) and not _has_rival(before, old) else None


def _of_the_same_kind(new: str, before: str) -> Mention | None:
    """Return "the Treasury Secretary" for "the Commerce Secretary": what the last question calls by the same noun."""
    heads = [m for m in mentions(before) if " and " not in m.text and _head(m.text) == _head(new)]
    return heads[0] if len(heads) == 1 and content(heads[0].text) != content(new) else None


def _head(text: str) -> str:
    """Return the key of a noun phrase's chief word: that before "of", else the last."""
    words = tokens(_NOUN.split(text)[0])
    return words[-1].key if words else ""


def _of_many(new: str, before: str) -> Mention | None:
    """Return "batteries" of "Does the warranty cover batteries?" for "screens", if nothing else is a plural there."""
    words = tokens(new)
    noun = 0 < len(words) <= _MOST_WORDS and all(word.content and not is_verb(word) for word in words)
    if not noun or not is_plural(words[-1].text) or any(mention.kind == "group" for mention in mentions(before)):
        return None
    many = [(led, word) for led, word in _bare(before) if is_plural(word.text)]
    if len(many) != 1 or not many[0][0]:
        return None
    word = many[0][1]
    return Mention(word.text, word.start, word.start + len(word.text), "group")


def _bare(text: str) -> Iterator[tuple[bool, Token]]:
    """Yield the words of a question that may be nouns and have no "the", and whether nothing else belongs to them."""
    spans = [(mention.start, mention.end) for mention in mentions(text)]
    after_verb, asked, link = True, False, True
    for word in tokens(text):
        low = word.text.lower()
        verb = is_verb(word) or (asked and word.content)
        noun = word.content and not (verb or low in NO_NOUNS or is_time(word.text) or low.endswith("ly"))
        if noun and not any(start <= word.start < end for start, end in spans):
            yield after_verb or link, word
        after_verb, asked, link = verb, low in _SUBJECT_ASKED, not word.content


def _has_rival(before: str, old: Mention) -> bool:
    """Say whether something without "the" may be meant as well: "batteries" beside "the warranty"."""
    words = tokens(before)
    for led, word in _bare(before):
        at = words.index(word)
        previous = words[at - 1] if at else None
        object_ = previous is not None and (is_verb(previous) or previous.text.lower() in _LINKS)
        if is_plural(word.text) or (led and object_):
            return True
    after = [w for w in words if w.start >= old.end and w.content and not is_time(w.text)]
    return bool(_TURNED.search(before[: old.start])) and len(after) > 1
