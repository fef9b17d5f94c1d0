"""English verbs that a sentence is often built on, with their forms: a question needs the base ("did … visit").

A table and no guessing: "hoped" is of "hope" and "shopped" of "shop", which no ending tells. A verb that is not here
makes no question.
"""

from __future__ import annotations

from functools import cache

_REGULAR = """
    accept achieve add adopt agree aim allow announce answer appear appoint apply approve argue arrest arrive ask
    assess attack attend award ban base believe belong borrow call campaign cancel carry cause celebrate change
    charge claim close collapse collect combine compare complete conclude confirm connect consider contain continue
    contribute convert cover create cross decide declare decline decrease deliver demand demonstrate deploy
    describe design destroy determine develop die direct discover discuss donate drop earn elect employ end enter
    establish estimate evaluate expand expect explain explore export express fail finish follow force form found
    gain handle happen help hire host identify impose improve include increase influence inform inherit inspire
    install introduce invade invent invest invite involve join kill label land last launch lower manage mark marry
    measure mention move name note observe obtain occupy occur offer open operate order organise organize outline
    oversee own participate pass plan play prefer present produce promise promote propose prove provide publish
    purchase raise rank reach receive recommend record reduce refuse release remain remove rename replace report
    represent require resign restore retire return reveal review score select serve settle share show sign star
    start stay stop store study succeed suggest supply support surrender survive suspend telephone test tour trade
    train transfer travel turn unveil use visit vote want warn weigh work contract
"""
_IRREGULAR = """
    become became, begin began, bring brought, build built, buy bought, choose chose, come came, cost cost, cut
    cut, deal dealt, draw drew, drive drove, eat ate, fall fell, feel felt, fight fought, find found, fly flew, get
    got, give gave, go went, grow grew, hear heard, hit hit, hold held, keep kept, know knew, lead led, leave left,
    lend lent, lose lost, make made, mean meant, meet met, oversee oversaw, pay paid, put put, read read, rise
    rose, run ran, say said, see saw, seek sought, sell sold, send sent, set set, shoot shot, sing sang, sink sank,
    sit sat, speak spoke, spend spent, spread spread, stand stood, steal stole, strike struck, swim swam, take
    took, teach taught, tell told, think thought, throw threw, understand understood, wear wore, win won, write
    wrote
"""
_DOUBLED = frozenset("ban drop plan prefer ship star stop transfer".split())
AUXILIARIES = frozenset("is are was were will would can could may might must should has have had".split())
_HAVE = {"has": "does", "have": "do", "had": "did"}


def _past(base: str) -> str:
    if base in _DOUBLED:
        return f"{base}{base[-1]}ed"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ied"
    return f"{base}d" if base.endswith("e") else f"{base}ed"


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "x", "ch", "sh", "o")) else f"{base}s"


@cache
def _forms() -> dict[str, tuple[str, str]]:
    """Return (auxiliary, base) by form; "cost" and the like are read as the past, the present would have an s."""
    irregular = dict(pair.split() for pair in _IRREGULAR.split(","))
    forms = {_past(base): ("did", base) for base in _REGULAR.split() if base not in irregular}
    forms |= {past: ("did", base) for base, past in irregular.items()}
    # "found" is what somebody did who founded, too: seldom, and without a subject that tells.
    return forms | {_third(base): ("does", base) for base in (*_REGULAR.split(), *irregular)}


def taken_apart(form: str) -> tuple[str, str] | None:
    """Return ("did", "visit") for "visited", ("might", "") for "might"; None for what is no verb of the table."""
    return (form, "") if form in AUXILIARIES else _forms().get(form)


def is_past(form: str) -> bool:
    """Say whether a word is a past form in the table."""
    return _forms().get(form, ("",))[0] == "did"


def helped(auxiliary: str, rest: str) -> tuple[str, str]:
    """Return the auxiliary of a question and its base: "has 400 rooms" asks "does … have", "has begun" "has …"."""
    owns = auxiliary in _HAVE and not rest.split(" ", 1)[0].endswith(("ed", "en", "n't", "been", "not"))
    if owns and rest[:1] and (rest[0].isdigit() or rest.split(" ", 1)[0] in _OWNED):
        return _HAVE[auxiliary], "have"
    return auxiliary, ""


_OWNED = frozenset(
    "a an the about some more at nearly two three four five six seven eight nine ten eleven twelve".split()
)
