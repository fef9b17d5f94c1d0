"""Whom and what a text speaks of: people, groups, things, places and times, in the order in which it does.

There is no parser here. A run of capitalised words is a name, "the" with the nouns behind it a thing; a title in
front, a question that begins with "who", or a plural say more. What is not known may be anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.words import MONTHS, STOP_WORDS, WEEKDAYS, Token, is_past, tokens

Kind = Literal["person", "group", "place", "thing", "time", "name"]
"""What a mention is; "name" where it can't be told what it is the name of."""

_TITLES = frozenset(
    "secretary president minister premier chancellor senator governor director ambassador envoy spokesman spokeswoman "
    "spokesperson professor general chairman chairwoman leader chief sir lady lord mr mrs ms dr king queen prince "
    "princess pope bishop judge justice mayor captain colonel prime vice deputy foreign treasury commerce defense "
    "defence finance interior state special climate u.s us former".split()
)
_ROLES = frozenset(
    "secretary president minister premier chancellor senator governor director ambassador envoy spokesman spokeswoman "
    "spokesperson professor general chairman chairwoman leader chief king queen prince princess pope bishop judge "
    "mayor captain colonel man woman boy girl guy bloke kid author writer actor actress singer player coach "
    "founder inventor scientist doctor officer diplomat official analyst expert wife husband father mother son "
    "daughter brother sister artist painter composer poet lawyer teacher victim suspect winner owner ceo candidate "
    "commander".split()
)
_NOT_PERSON = frozenset(
    "mountain hill volcano desert forest "
    "new north south east west northern southern eastern western san los saint mount lake river united european "
    "american british chinese great white house department university college school church street avenue park city "
    "county kingdom union nations council committee court act war world national international royal supreme congress "
    "senate party company corporation group bank news times post press center centre institute program programme "
    "association league cup january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday sea ocean island islands republic agency bureau ministry "
    "foundation society museum library hospital office service services cloud database server api air force army navy "
    "treaty convention conference summit games olympics festival prize award series method system theory law "
    "inc ltd corp llc co hall tower bridge airport station valley bay coast mission telescope".split()
)
_CALENDAR = frozenset([*MONTHS.values(), *MONTHS, *WEEKDAYS, "sept", "today", "yesterday", "tomorrow"])
_OPEN_NO_NAME = STOP_WORDS | frozenset(
    "yes no sorry yesterday today tomorrow thanks thank hello hi ok okay please let see look find show explain add "
    "use describe compare summarise summarize name list give besides however although while since according during "
    "despite unfortunately please mr mrs ms dr it's".split()
)
_VERBS = frozenset(
    "take takes mean means happen happens start starts end ends begin begins cost costs last lasts go goes come comes "
    "work works make makes get gets say says want wants need needs use uses look looks play plays live lives include "
    "includes begin offer offers help helps affect affects cover covers provide provides apply applies happen visit "
    "visits meet meets arrive arrives leave leaves win wins lose loses run runs hold holds give gives become becomes "
    "change changes compare compares differ differs call calls called know tell tells show shows think thinks plan "
    "plans hope hopes travel travels stay stays return returns lead leads follow follows cause causes die dies grow "
    "see sees find finds keep keeps put allow allows require requires exist exists matter matters mention mentions "
    "contain contains consist consists belong belongs fall falls rise rises reach reaches speak speaks carry carries "
    "cross crosses fly flies shoot build builds pay pays buy sell sells enter enters appear appears agree agrees "
    "support supports refer refers relate relates describe create creates occur occurs originate mark expect expects "
    "respond responds discuss discusses address cancel postpone delay signal serve serves state turn".split()
)
_BE = frozenset("is are was were isn't aren't wasn't weren't am be".split())
_GOES_ON = frozenset("and or not also in on at of with from have be do get".split())
"""What goes on with a noun phrase or has its verb behind it."""
_LONGEST = 7
"""Words of a noun phrase behind its determiner: "the yearly service of the new boiler"."""
_DO = frozenset("do does did don't doesn't didn't will would can could shall should may might must won't can't".split())
NO_NOUNS = frozenset(
    "different other same new good bad similar important interesting full fell sorry true false many first "
    "last next own due "
    "sure possible current possible little lot bit best worst most more else".split()
)
"""Words that are about something and yet name nothing."""
_DETERMINERS = frozenset("the a an this that these those his her its their my our your any some".split())
_PLACED_BY = frozenset(
    "in at to from near into towards across around through within outside visit visits visiting reach reaches reached "
    "leave leaves left tour toured enter entered".split()
)
_COUNTRIES = frozenset(
    "afghanistan algeria america argentina armenia asia africa australia austria azerbaijan bangladesh belarus belgium "
    "bolivia brazil britain bulgaria cambodia cameroon canada chile china colombia croatia cuba cyprus czechia denmark "
    "ecuador egypt england eritrea estonia ethiopia europe finland france georgia germany ghana greece guatemala haiti "
    "hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kuwait laos "
    "latvia lebanon libya lithuania luxembourg malaysia mali malta mexico moldova mongolia morocco mozambique myanmar "
    "namibia nepal netherlands nicaragua niger nigeria norway oman pakistan palestine panama paraguay peru philippines "
    "poland portugal qatar romania russia rwanda scotland senegal serbia singapore slovakia slovenia somalia "
    "spain sudan "
    "sweden switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay uzbekistan venezuela "
    "vietnam wales yemen zambia zimbabwe beijing london paris washington moscow brussels berlin tokyo kyiv".split()
)
_MOST_WORDS = 4
"""Words of what "and" joins; longer ones were not told apart rightly."""
_JOINED: frozenset[Kind] = frozenset(("person", "name", "thing"))
_LINKS = frozenset("of for the de la du von van der and & al bin".split())
_PLURAL = re.compile(r"[^su'’]s$|people$|(?<!wo)men$|women$|children$|police$", re.IGNORECASE)
_SINGULAR = frozenset(
    "news series politics economics physics mathematics mars texas paris athens analysis basis".split()
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody or something that a text speaks of, in the words in which it does."""

    text: str
    start: int
    end: int
    kind: Kind


@lru_cache(maxsize=512)
def mentions(text: str) -> tuple[Mention, ...]:
    """Return whom and what a text speaks of, in order; names that "and" joins are a group as well."""
    words = tokens(text)
    found: list[Mention] = []
    at = 0
    while at < len(words):
        end = _name_end(text, words, at)
        if end == at:
            end = _noun_end(text, words, at)
        if end == at:
            at += 1
            continue
        found.append(_mention(text, words, at, end))
        at = end
    return tuple(sorted([*found, *_joined(text, found)], key=lambda mention: (mention.start, -mention.end)))


def bare_nouns(text: str) -> tuple[Mention, ...]:
    """Return runs of content words that are no verbs: "korean war" of "did korean war end"."""
    runs: list[list[Token]] = [[]]
    for word in tokens(text):
        stands_for_another = word.text.lower() in {"one", "ones"}
        fits = word.content and not is_verb(word) and not is_time(word.text) and not stands_for_another
        if not fits or (runs[-1] and not _touches(text, runs[-1][-1], word)):
            runs.append([])
        if fits:
            runs[-1].append(word)
    spans = [(run[0].start, run[-1].start + len(run[-1].text)) for run in runs if run]
    spans = [span for span in spans if text[slice(*span)].lower() not in NO_NOUNS]
    return tuple(Mention(text[a:b], a, b, "group" if is_plural(text[a:b]) else "thing") for a, b in spans)


def is_plural(noun: str) -> bool:
    """Say whether a noun looks like a plural: "rivers", "people"; not "news"."""
    return bool(_PLURAL.search(noun)) and noun.lower() not in _SINGULAR


def is_verb(token: Token) -> bool:
    """Say whether a word that may be a noun is taken for the verb behind one: "the trip takes", "the act passed"."""
    return token.text.lower() in _VERBS or (is_past(token) and not _is_capital(token))


def is_time(text: str) -> bool:
    """Say whether words name a time: "July", "in 1993", "on Sunday", "last week"."""
    low = [token.text.lower().rstrip(".") for token in tokens(text)]
    return any(
        word in _CALENDAR or word in {"week", "month", "year", "weekend"} or re.fullmatch(r"1[5-9]\d\d|20\d\d", word)
        for word in low
    )


def _name_end(text: str, words: tuple[Token, ...], at: int) -> int:
    """Return where a name ends that begins here: a run of capitals, "of" and the like within; `at` if there is none."""
    if not _is_capital(words[at]) or not _may_open(text, words, at):
        return at
    end = at + 1
    while end < len(words) and _touches(text, words[end - 1], words[end]):
        if _is_capital(words[end]) or words[end].text.isdigit():
            end += 1
        elif words[end].text.lower() in _LINKS - {"and", "for"} and (beyond := _beyond_links(text, words, end)):
            end = beyond
        else:
            break
    return end


def _beyond_links(text: str, words: tuple[Token, ...], at: int) -> int:
    """Return the place behind the capital that stands behind one or two linking words; 0 if none does."""
    for end in range(at + 1, min(at + 3, len(words))):
        if not _touches(text, words[end - 1], words[end]):
            return 0
        if _is_capital(words[end]):
            return end + 1
        if words[end].text.lower() not in _LINKS:
            return 0
    return 0


def _is_capital(token: Token) -> bool:
    return token.text[0].isupper() and not (token.text == "I" or token.text.startswith(("I'", "I’")))


def _may_open(text: str, words: tuple[Token, ...], at: int) -> bool:
    """Say whether a capital is that of a name and not merely of a sentence's first word."""
    word = words[at]
    if word.name or word.text.lower() in _CALENDAR:
        return True
    low = word.text.lower().rstrip(".").partition("'")[0].partition("’")[0]
    if low in _OPEN_NO_NAME and low not in {"mr", "mrs", "ms", "dr"}:
        return False
    following = words[at + 1] if at + 1 < len(words) else None
    if following is None or not _touches(text, word, following):
        return following is None
    said = following.text.lower()
    return _is_capital(following) or said in {"is", "was", "are", "were", "has", "had", "will", "would", "might",
        "may", "can", "could", "said", "says", "and", "of"} or is_past(following) or "'s" in word.text  # fmt: skip


def _touches(text: str, one: Token, other: Token) -> bool:
    """Say whether only a blank, a hyphen, the point of an initial, or the "&" of a firm stands between two words."""
    between = text[one.start + len(one.text) : other.start]
    point = between.startswith(".") and (len(one.text) <= 2 or one.text.lower() in {"mrs", "gen", "sen", "gov"})
    owns = one.text.lower().endswith(("'s", "’s"))
    joined = between == " & " and _is_capital(one) and _is_capital(other)
    return joined or ((between[1:] if point else between) in {" ", "-", ""} and not owns)


def _noun_end(text: str, words: tuple[Token, ...], at: int) -> int:
    """Return where "the trip" or "a data lake" ends that begins here; `at` if there is none."""
    if words[at].text.lower() not in _DETERMINERS:
        return at
    end = at + 1
    while end < len(words) and end - at <= _LONGEST and _touches(text, words[end - 1], words[end]):
        word, low = words[end], words[end].text.lower()
        if low in {"of", "for"} and end > at + 1 and end + 1 < len(words):
            ahead = words[end + 1]
            if ahead.content or ahead.text.lower() in {"the", "a", "an"}:
                end += 2
                continue
            break
        # In "the official visit" nobody is an official: one visits, or visited.
        official = words[end - 1].text.lower() == "official" and not low.endswith("s") and not is_past(word)
        if low in {"every", "each"}:
            break
        if not word.content or (end > at + 1 and is_verb(word) and not official):
            break
        end += 1
    end = _before_links(words, at, end)
    if end == len(words) and end > at + 2 and words[0].text.lower() in _BE and words[end - 1].text.islower():
        end -= 1  # "Is the trip expensive?"
    elif at and end > at + 2 and words[at - 1].text.lower() in _DO and _ends_with_its_verb(text, words, end):
        end = _before_links(words, at, end - 1)  # "When does the footbridge open again?"
    while end > at + 1 and words[end - 1].text.lower() in NO_NOUNS:
        end -= 1  # "How are a heron and a stork different?"
    return end if end > at + 1 else at


def _before_links(words: tuple[Token, ...], at: int, end: int) -> int:
    """Return where a noun phrase ends without the "of the" that nothing follows."""
    while end > at + 1 and words[end - 1].text.lower() in {"of", "for", "the", "a", "an"}:
        end -= 1
    return end


def _ends_with_its_verb(text: str, words: tuple[Token, ...], end: int) -> bool:
    """Say whether the last word of "does the footbridge open", up to `end`, is the verb that "does" asks for.

    Only if hardly anything follows: "Does the fire alarm in the hall work?" has its verb behind.
    """
    last, rest = words[end - 1], text[words[end - 1].start + len(words[end - 1].text) :]
    of = any(word.text.lower() in {"of", "for"} for word in words[max(0, end - 3) : end])
    follows = any(word.content or word.text.lower() in _GOES_ON for word in words[end:]) or "," in rest or "(" in rest
    return last.text.islower() and not (of or follows or is_plural(last.text))


def _mention(text: str, words: tuple[Token, ...], at: int, end: int) -> Mention:
    before = words[at - 1].text.lower() if at else ""
    if before == "to" and at == 2 and words[0].text.lower() == "back":
        before = ""  # "Back to Ann: …"
    if before == "the":
        before = words[at - 2].text.lower() if at > 1 else ""
    kind = _kind([word.text for word in words[at:end]], before)
    if "&" in text[words[at].start : words[end - 1].start]:
        kind = "group"
    if kind == "person":
        at = _behind_titles(words, at, end)
    start, stop = words[at].start, words[end - 1].start + len(words[end - 1].text)
    said = re.sub(r"['’]s?$", "", text[start:stop])
    return Mention(said, start, start + len(said), kind)


def _behind_titles(words: tuple[Token, ...], at: int, end: int) -> int:
    """Return where the name itself begins: "Janet Yellen" of "U.S. Treasury Secretary Janet Yellen"."""
    name = at
    while name < end and words[name].text.lower().rstrip(".") in _TITLES | {"of", "the"}:
        name += 1
    return name if name < end and words[name].text[0].isupper() else at


def _kind(said: list[str], before: str) -> Kind:
    low = [word.lower().rstrip(".").partition("'")[0].partition("’")[0] for word in said]
    head = next((low[i - 1] for i, word in enumerate(low) if word in {"of", "for"} and i), low[-1])
    if is_time(" ".join(said)) and all(word in _CALENDAR or not word.isalpha() or word in STOP_WORDS for word in low):
        return "time"
    capitals = [word for word in said if word[0].isupper()]
    if low[0] in _DETERMINERS:
        if head in _ROLES:
            return "person"
        if low[0] in {"my", "our"} and not is_plural(head):
            return "name"  # "my neighbour" is somebody
        return "group" if is_plural(head) else "thing"
    if set(low) & _ROLES or low[0] in {"mr", "mrs", "ms", "dr", "sir"}:
        return "person"
    if before in _PLACED_BY or low[-1] in _COUNTRIES:
        return "place"
    if set(low) & _NOT_PERSON or any(word.isupper() and len(word) > 1 and "." not in word for word in said):
        return "thing"
    if before in _TITLES or (2 <= len(capitals) <= 3 and len(capitals) == len(said)):
        return "person"
    return "name"


def _joined(text: str, found: list[Mention]) -> list[Mention]:
    """Return "Ann Lee, Bo Ek and Cy Fox" as one, beside those that it is made of."""
    groups = []
    first = 0
    for at in range(1, len(found)):
        between = text[found[at - 1].end : found[at].start].strip()
        if between not in {",", "and", ", and"} or not {found[at - 1].kind, found[at].kind} <= _JOINED:
            first = at
        elif between != "," and all(len(mention.text.split()) <= _MOST_WORDS for mention in found[first : at + 1]):
            groups.append(Mention(text[found[first].start : found[at].end], found[first].start, found[at].end, "group"))
            first = at
    return groups
