"""What stands on a page but says nothing: buttons, tags, credits, breadcrumbs, requests to subscribe.

A rule matches a whole line or sentence, or how a line begins that no prose begins like; so a sentence that merely
mentions cookies or Getty Images stays.
"""

from __future__ import annotations

import re

LIMIT = 300
"""Characters: nothing longer is furniture."""

# Whole lines, in regular expressions; arrows and punctuation around them are taken off first.
_SECTION = r"(?:[a-z][\w.'’-]* ){0,4}(?:latest news|headlines)"
_LABELS = (
    r"(?:read|see|view|show|load|learn|find out|discover|watch) (?:more|all)(?: (?:here|articles|stories|news))?",
    r"(?:read|see|view) (?:the )?full (?:story|article)",
    r"(?:keep|continue) reading(?: (?:below|the main story))?",
    r"(?:story|article) continues (?:below|after)(?: \w+){0,4}",
    r"scroll (?:down|to continue)(?: \w+){0,4}",
    r"click here(?: to(?: \w+){1,6})?",
    r"advert(?:isement|isment|ising)s?",
    r"sponsored(?: content| links?)?|promoted(?: content)?|paid post",
    r"real[- ]time analytics",
    r"skip to (?:main )?(?:content|navigation)|jump to navigation|toggle (?:navigation|menu)",
    r"(?:back|return|go) to (?:the )?top",
    r"share(?: this)?(?: (?:article|story|post|page))?(?: (?:on|via|with)(?: \w+){1,4})?",
    r"(?:log|sign) ?(?:in|out|up)(?: (?:or|/) (?:log|sign) ?(?:in|up))?",
    r"register now|my account|subscribe(?: (?:now|today))?|loading",
    r"(?:leave|post|add|write) a (?:comment|reply)|(?:view |show |\d+ )?comments(?: \(\d+\))?",
    r"related (?:articles?|stories|news|posts|content|links|coverage)|recommended (?:for you|stories|reading)",
    r"(?:most|more) (?:read|popular|viewed|shared)(?: stories| news)?|trending(?: now)?|popular posts",
    r"you (?:may|might) also (?:like|be interested in)|latest (?:news|stories|posts)|up next",
    r"(?:next|previous) (?:article|story|post)|play video",
    r"all rights reserved|privacy (?:policy|notice)|cookie (?:policy|settings|preferences)|\[edit\]",
    r"accept all(?: cookies)?|accept cookies|reject all|manage (?:cookies|preferences)",
    r"\(?(?:file|stock) (?:photo|image|picture)\)?",
    rf"{_SECTION}(?:\s*,\s*{_SECTION})*",
)
_LABEL = re.compile("|".join(_LABELS), re.IGNORECASE)
_ARROWS = " \t»›▶►→+.…:!>"

# How lines begin that ask for something or point elsewhere.
_BEGINNINGS = (
    r"similar news\s*:|you can also read news stories similar",
    r"(?:read|see) (?:more|also|next)\s*[:|»>]|also read\s*[:|-]|related\s*:|more on this(?: story)?\s*:",
    r"(?:please )?(?:sign up|subscribe|register) (?:for|to|here|now|and|today)\b.{0,120}"
    r"\b(?:newsletter|e-?mail|inbox|updates|alerts|channel|podcast|unlimited|subscriber)",
    r"(?:get|receive) .{0,60}(?:\bnewsletter|\binto? your inbox|delivered to your)",
    r"(?:this (?:web)?site|we|our (?:partners|website|site)) (?:and our \w+ )?uses? cookies",
    r"by (?:clicking|continuing|using|signing up|subscribing|submitting|browsing)\b.{0,160}"
    r"\byou (?:agree|accept|consent|acknowledge)",
    r"©|\(c\) \d{4}|copyright\s*(?:©|\(c\)|\d{4})|all rights reserved\b",
    r"(?:follow|like|join) (?:us|me|@\w+) (?:on|at) \w+|share (?:this )?(?:on|via) (?:facebook|twitter|x|linkedin)\b",
    r"download (?:our|the) (?:free )?(?:mobile )?app\b|(?:please )?(?:enable|turn on) javascript",
    r"your browser (?:does not|doesn['’]t) support|already a (?:subscriber|member)\b",
    r"(?:tags?|filed under|posted in)\s*:\s*\S",
    r"\(?(?:photo(?:graph)?(?: by| credit| courtesy(?: of)?)|image credit|photo|picture)s?\s*:\s*[^.!?]{2,80}\)?\.?$",
    r"photo(?:graph)? by [^.!?]{2,60}\.?$",
)
_BEGINNING = re.compile("|".join(_BEGINNINGS), re.IGNORECASE)

_BUTTONS = frozenset(
    (
        "share|tweet|email|e-mail|print|save|copy|copy link|pin|like|comment|facebook|twitter|x|whatsapp|"
        "linkedin|reddit|telegram|instagram|youtube|pinterest|messenger"
    ).split("|")
)
_AGENCIES = frozenset(
    (
        "getty|getty images|afp|ap|ap photo|reuters|epa|epa-efe|shutterstock|alamy|pool|bloomberg|istock|"
        "istockphoto|xinhua|anadolu|anadolu agency|upi|zuma press|unsplash|the associated press|"
        "associated press|pexels|pixabay|alamy stock photo|a.f.p."
    ).split("|")
)
_MENU = frozenset(
    (
        "home|about|about us|contact|contact us|news|world|sport|sports|politics|business|login|log in|"
        "sign in|sign up|register|search|menu|blog|shop|help|faq|faqs|privacy|privacy policy|terms|"
        "terms of use|terms of service|subscribe|culture|opinion|technology|tech|health|science|video|videos|"
        "travel|more|archive|careers|jobs|advertise|sitemap|rss|weather|entertainment|lifestyle|money|u.s.|us|"
        "uk"
    ).split("|")
)
_CREDIT_LABEL = re.compile(r"\(?(?:photo|image|picture|credit|source|file photo)s?\s*(?::|by\b)\s*", re.IGNORECASE)
_CREDIT_PARTS = re.compile(r"\s*[|/•·]\s*|\s+(?:via|[–—-])\s+")
_PARTS = re.compile(r"\s*[»›>→|·•]\s+|\s+/\s+")
_BUTTON_PARTS = re.compile(r"\s*[,|/·•\s]\s*")
_TAG_LABEL = re.compile(r"(?:tags?|filed under|posted in)\s*:?", re.IGNORECASE)
_LINKS = r"(?:!?\[[^\[\]]*\]\([^()\s]*\)|<?(?:https?://|www\.)[^\s<>]+>?)"
_LINK = re.compile(rf"{_LINKS}(?:[\s|,;·•]+{_LINKS})*[\s|,;·•]*", re.IGNORECASE)


def is_furniture(line: str) -> bool:
    """Say whether a whole line (or sentence) is page furniture."""
    line = line.strip()
    if not line or len(line) > LIMIT:
        return False
    bare = line.strip(_ARROWS)
    if _LABEL.fullmatch(bare) or _TAG_LABEL.fullmatch(line) or _BEGINNING.match(line):
        return True
    return _is_buttons(bare) or _is_credit(line) or _is_menu(line)


def is_tag_label(line: str) -> bool:
    """Say whether a line announces tags: "Tags", "Filed under:"."""
    return bool(_TAG_LABEL.fullmatch(line.strip()))


def is_tag_list(line: str) -> bool:
    """Say whether a line can be a list of tags: a few words between commas, no sentence."""
    if len(line) > LIMIT or line.rstrip().endswith((".", "!", "?")):
        return False
    parts = [part.split() for part in re.split(r"[,;|#•·]", line) if part.strip()]
    return bool(parts) and all(len(words) <= 4 for words in parts)


def is_link(line: str) -> bool:
    """Say whether a line is nothing but links: bare addresses, or Markdown links."""
    return bool(_LINK.fullmatch(line.strip()))


def _is_buttons(line: str) -> bool:
    lower = line.lower()
    parts = [part for part in _BUTTON_PARTS.split(lower.replace("copy link", "copy")) if part]
    return bool(parts) and all(part in _BUTTONS for part in parts) and lower != "x"


def _is_credit(line: str) -> bool:
    """Say whether a line names a photographer and an agency: "Leah Millis | Afp | Getty Images"."""
    bare = _CREDIT_LABEL.sub("", line.strip("().[] "), count=1)
    parts = [part for part in _CREDIT_PARTS.split(bare) if part]
    if not parts or len(parts) > 5 or parts[-1].lower() not in _AGENCIES:
        return False
    if len(parts) == 1:
        return len(bare) < len(line.strip("().[] ")) or " " in bare
    return all(len(part.split()) <= 5 and part[0].isupper() for part in parts[:-1])


def _is_menu(line: str) -> bool:
    """Say whether a line is a menu or a breadcrumb: "Home > News > World"."""
    parts = [part.strip() for part in _PARTS.split(line) if part.strip()]
    if len(parts) < 2 or line.endswith((".", "!", "?")) or any(len(part.split()) > 6 for part in parts):
        return False
    known = [part.lower() in _MENU for part in parts]
    return parts[0].lower() == "home" or sum(known) * 2 >= len(parts)
