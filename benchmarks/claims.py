"""Labelled claims over the question sets, made by rule and without a language model: what a check has to let through,
and what it has to stop.

Positives: copies, compressions (clauses and adjuncts dropped), the question restated with its answer, two sentences
merged, scifact's claims. Negatives: the same with a name, a number, a negation or an antonym changed, names swapped
within the quote, the subject of another document's sentence, the question restated with a wrong answer.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from altered import (
    NAME,
    compressed,
    foreign_name,
    hardened,
    negated,
    nouns,
    opposite,
    other_noun,
    other_number,
    ranked,
    restated,
    restated_otherwise,
    swapped_names,
    swapped_numbers,
    unlimited,
    upper,
)

from rag.sentences import split
from rag.types import Evidence
from rag.words import content, names, numbers

EVIDENCE = 20
"""Sentences that a claim is checked against."""


@dataclass(frozen=True)
class Labelled:
    """A claim with the sentences it is checked against; `label` None means that nobody knows."""

    of: str
    kind: str
    id: str
    claim: str
    evidence: tuple[Evidence, ...]
    label: bool | None
    question: str = ""


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def sentences_of(row: dict[str, Any]) -> list[Evidence]:
    """Return a document's sentences as evidence."""
    found: list[Evidence] = []
    text, start = row["text"], 0
    for paragraph in re.split(r"(?<=\n)", text):
        for span in split(text, start, start + len(paragraph)):
            if len(span.of(text)) > 20:
                found.append(Evidence(row["doc_id"], "", span.start, span.end, span.of(text), 0.0, row["title"] or ""))
        start += len(paragraph)
    return found


def around(gold: Sequence[Evidence], pool: Sequence[Evidence], near: str, n: int = EVIDENCE) -> tuple[Evidence, ...]:
    """Return the gold sentences among the ones most like the claim and its question, in the pool's order."""
    words = content(near)
    ranked = sorted(pool, key=lambda e: -len(words & content(e.text)) / (5 + len(content(e.text))) ** 0.5)
    chosen = list(dict.fromkeys([*gold, *ranked]))[:n]
    return tuple(sorted(chosen, key=lambda e: (e.document_id, e.start)))


_SUBJECT = re.compile(
    rf"(?P<subject>(?!(?:It|They|He|She|This|There|These|That|Its|His|Her) )(?:The )?{NAME}(?: of {NAME})?) "
    r"(?P<rest>(?:is|was|were|are|has|had|became|led|won|began) .+)"
)


def _mutations(sentence: str, foreign: Sequence[str], random_: random.Random) -> Iterator[tuple[str, str | None]]:
    yield "names swapped", swapped_names(sentence)
    yield "other number", other_number(sentence, random_)
    yield "numbers swapped", swapped_numbers(sentence)
    yield "negation", negated(sentence)
    yield "antonym", opposite(sentence)
    yield "foreign name", foreign_name(sentence, foreign, random_)
    yield "hedge hardened", hardened(sentence)
    yield "ranked first", ranked(sentence)
    yield "limit dropped", unlimited(sentence)


def from_documents(folder: Path, limit: int, seed: int = 0) -> Iterator[Labelled]:
    """Copies and compressions of sentences and their mutations, merged pairs, and subjects of other documents."""
    random_ = random.Random(seed)
    documents = _rows(folder / "documents.jsonl")
    random_.shuffle(documents)
    pools = [pool for row in documents[:200] if len(pool := sentences_of(row)) >= 4]
    foreign = [sorted({m.group() for e in pool for m in re.finditer(rf"(?<=[a-z] ){NAME}", e.text)}) for pool in pools]
    for n in range(limit):
        i = n % len(pools)
        pool, gold = pools[i], random_.choice(pools[i])
        if not 6 <= len(content(gold.text)) <= 45 or not re.match(r"[A-Z].*\.$", gold.text):
            continue
        name = f"{folder.name}-{gold.document_id}-{gold.start}"
        evidence = around([gold], pool, gold.text)
        short = compressed(gold.text)
        if short:
            yield Labelled(folder.name, "compressed", name, short, evidence, True)
        base = short or gold.text
        for kind, claim in _mutations(base, foreign[(i + 1) % len(pools)], random_):
            if claim and claim != base:
                yield Labelled(folder.name, kind, name, claim, evidence, False)
        yield from _joined(folder.name, name, gold, pool, pools[(i + 1) % len(pools)], evidence)
        yield from _merged(folder.name, name, gold, pool)


def _joined(
    of: str,
    name: str,
    gold: Evidence,
    pool: Sequence[Evidence],
    other: Sequence[Evidence],
    evidence: tuple[Evidence, ...],
) -> Iterator[Labelled]:
    one = _SUBJECT.fullmatch(gold.text)
    if not one:
        return
    for item in pool:
        two = _SUBJECT.fullmatch(item.text)
        if two and item.start != gold.start and two["subject"] == one["subject"]:
            claim = f"{one['subject']} {one['rest'][:-1]} and {two['rest']}"
            yield Labelled(of, "merged", name, claim, around([gold, item], pool, claim), True)
            break
    for item in other:
        two = _SUBJECT.fullmatch(item.text)
        if two and two["subject"] != one["subject"]:
            claim = f"{two['subject']} {one['rest']}"
            mixed = (*evidence[: EVIDENCE - 4], *[e for e in other if e is not item][:3], item)
            mixed = mixed if gold in mixed else (*mixed, gold)
            yield Labelled(of, "subject of another document", name, claim, mixed, False)
            break


def _merged(of: str, name: str, gold: Evidence, pool: Sequence[Evidence]) -> Iterator[Labelled]:
    """A sentence and what the next one says of the same, or another one; and the first one's subject with another's."""
    one = _SUBJECT.fullmatch(gold.text)
    place = pool.index(gold)
    after = pool[place + 1] if place + 1 < len(pool) else None
    he = re.fullmatch(r"(?:It|He|She|They) (?P<rest>[a-z].+)", after.text) if after else None
    if one and after and he:
        claim = f"{one['subject']} {one['rest'][:-1]} and {he['rest']}"
        yield Labelled(of, "merged, neighbours", name, claim, around([gold, after], pool, claim), True)
        alone = f"{one['subject']} {he['rest']}"
        yield Labelled(of, "merged, of the next", name, alone, around([gold, after], pool, alone), True)
    others = [e for e in pool if e.start > gold.start and 5 <= len(content(e.text)) <= 25 and e.text.endswith(".")]
    others = [e for e in others if not re.match(r"(?:It|He|She|They|This|These|That|However|But|And)\b", e.text)]
    if others and len(content(gold.text)) <= 25:
        other = others[0]
        text = compressed(other.text) or other.text
        text = text if names(text[:12]) else text[0].lower() + text[1:]
        claim = f"{(compressed(gold.text) or gold.text)[:-1]}, and {text}"
        yield Labelled(of, "merged, same document", name, claim, around([gold, other], pool, claim), True)
    for other in pool:
        two = _SUBJECT.fullmatch(other.text)
        if not (one and two) or content(one["subject"]) & content(other.text):
            continue
        if not content(two["subject"]) & content(gold.text):
            claim = f"{one['subject']} {two['rest']}"
            yield Labelled(of, "merged, halves", name, claim, around([gold, other], pool, claim), False)
            break


def from_questions(folder: Path, seed: int = 0) -> Iterator[Labelled]:
    """The question restated with the right answer, and with wrong ones: of the quote, of the document, planted."""
    random_ = random.Random(seed)
    documents = {row["doc_id"]: sentences_of(row) for row in _rows(folder / "documents.jsonl")}
    rows = _rows(folder / "questions.jsonl")
    by_document: dict[str, list[str]] = {}
    for row in rows:
        for item in row["evidence"]:
            by_document.setdefault(item["doc_id"], []).extend(row["answers"][:1])
    for row in rows:
        quotes = [(e["doc_id"], e["quote"]) for e in row["evidence"] if e.get("quote") and e["doc_id"] in documents]
        gold = [e for d, quote in quotes for e in documents[d] if e.text in quote or quote in e.text]
        if not gold or not row["answerable"] or row["answers"][0] in {"yes", "no"}:
            continue
        answer, question = row["answers"][0], row["question"]
        pool = [e for d in dict.fromkeys(d for d, _ in quotes) for e in documents[d]]
        if not all(content(answer) <= frozenset().union(*(content(e.text) for e in gold)) for _ in [0]):
            continue
        evidence = around(gold, pool, f"{question} {answer}")
        yield Labelled(
            folder.name, "answer alone", row["id"], upper(answer.rstrip(".")) + ".", evidence, True, question
        )
        yield from _more_restated(folder.name, row, gold, evidence, by_document)
        claim = restated(question, answer)
        if claim is None:
            continue
        yield Labelled(folder.name, "restated", row["id"], claim, evidence, True, question)
        for kind, wrong in _wrong(row, gold, by_document, random_):
            claim = restated(question, wrong)
            if claim and not any(content(wrong) <= content(right) for right in row["answers"]):
                label = None if _is_stated(wrong, question, evidence) and "planted" in kind else False
                yield Labelled(folder.name, kind, row["id"], claim, evidence, label, question)


def _more_restated(
    of: str,
    row: dict[str, Any],
    gold: Sequence[Evidence],
    evidence: tuple[Evidence, ...],
    by_document: dict[str, list[str]],
) -> Iterator[Labelled]:
    """Questions of other forms, and for all of them other words of the quote that stand in the answer's place."""
    random_ = random.Random(row["id"])
    answer, question = row["answers"][0], row["question"]
    say, kind = (restated, "restated") if restated(question, answer) else (restated_otherwise, "restated otherwise")
    claim = say(question, answer)
    if claim is None:
        return
    if say is restated_otherwise:
        yield Labelled(of, kind, row["id"], claim, evidence, True, question)
        for sort, wrong in _wrong(row, gold, by_document, random_):
            changed = say(question, wrong)
            if changed and not any(content(wrong) <= content(right) for right in row["answers"]):
                label = None if _is_stated(wrong, question, evidence) and "planted" in sort else False
                yield Labelled(of, sort.replace("restated", kind), row["id"], changed, evidence, label, question)
    taken = content(question) | frozenset().union(*(content(right) for right in row["answers"]))
    for wrong in _others_of(gold, taken, random_):
        changed = say(question, wrong)
        if changed:
            yield Labelled(of, f"{kind}, more of the quote", row["id"], changed, evidence, False, question)


def _is_stated(wrong: str, question: str, evidence: Sequence[Evidence]) -> bool:
    """Say whether a planted answer is in the evidence next to half of the question's words: false, but borne out."""
    asked = content(question)
    return any(wrong in e.text and 2 * len(asked & content(e.text)) >= len(asked) for e in evidence)


def _others_of(gold: Sequence[Evidence], taken: frozenset[str], random_: random.Random, most: int = 4) -> list[str]:
    """Return names, numbers and runs of common words of the quotes that share nothing with question and answer."""
    sorts = (NAME, r"\b\d[\d,.]*\d\b|\b\d\b", r"\b[a-z]{4,}(?: [a-z]{4,}){0,2}\b")
    found: list[str] = []
    for sort, many in zip(sorts, (most, 2, 2), strict=True):
        words = {m.group() for e in gold for m in re.finditer(sort, e.text)}
        fresh = sorted(word for word in words if content(word) and not content(word) & taken)
        found += random_.sample(fresh, min(many, len(fresh)))
    return found


def _wrong(
    row: dict[str, Any], gold: Sequence[Evidence], by_document: dict[str, list[str]], random_: random.Random
) -> Iterator[tuple[str, str]]:
    answer, question = row["answers"][0], row["question"]
    for wrong in (row.get("wrong_answers") or [])[:1]:
        yield "restated, planted answer", wrong
    for wrong in [c for c in row.get("choices") or [] if c not in row["answers"]][:2]:
        yield "restated, wrong choice", wrong
    numeric = bool(numbers(answer))
    pattern = r"\b\d[\d,.]*\d\b|\b\d\b" if numeric else NAME
    if numeric or names("x " + answer):
        inside = [m.group() for e in gold for m in re.finditer(pattern, e.text) if numeric or names("x " + m.group())]
        inside = [w for w in inside if not content(w) & (content(answer) | content(question))]
        if inside:
            yield "restated, another of the quote", random_.choice(inside)
    others = [a for a in by_document.get(gold[0].document_id, []) if bool(numbers(a)) == numeric]
    others = [a for a in others if not content(a) & (content(answer) | content(gold[0].text)) and content(a)]
    if others:
        yield "restated, another answer", random_.choice(others)


def from_scifact(folder: Path) -> Iterator[Labelled]:
    """Claims that people wrote, with the abstract's sentences that support or contradict them."""
    documents = {row["doc_id"]: row for row in _rows(folder / "documents.jsonl")}
    for row in _rows(folder / "questions.jsonl"):
        ids = dict.fromkeys([e["doc_id"] for e in row["evidence"]] or row.get("gold_doc_ids") or [])
        pool = [e for d in ids if d in documents for e in sentences_of(documents[d])]
        label = row["answers"][0]
        if pool:
            kind = {"SUPPORT": "claim, supported", "CONTRADICT": "claim, contradicted"}.get(label, "claim, not said")
            yield Labelled("scifact", kind, row["id"], row["question"], tuple(pool[:EVIDENCE]), label == "SUPPORT")


def from_explanations(folder: Path, seed: int = 0) -> Iterator[Labelled]:
    """What a newsroom wrote about its own article: true, but not always in it; and mutations, which never are."""
    random_ = random.Random(seed)
    documents = {row["doc_id"]: sentences_of(row) for row in _rows(folder / "documents.jsonl")}
    rows = _rows(folder / "questions.jsonl")
    foreign = sorted({m.group() for r in rows for m in re.finditer(rf"(?<=[a-z] ){NAME}", r.get("explanation") or "")})
    for row in rows:
        pool = [e for d in dict.fromkeys(e["doc_id"] for e in row["evidence"]) for e in documents.get(d, [])]
        text = row.get("explanation") or ""
        for span in split(text):
            claim = span.of(text)
            if pool and len(content(claim)) >= 4:
                evidence = around([], pool, claim)
                yield Labelled(folder.name, "explanation", row["id"], claim, evidence, None)
                for kind, changed in _mutations(claim, foreign, random_):
                    if changed and changed != claim:
                        yield Labelled(folder.name, kind, row["id"], changed, evidence, False)


def from_answers(folder: Path, seed: int = 0) -> Iterator[Labelled]:
    """Sentences of answers that people wrote or corrected, against the passages they wrote them from, and mutations.

    Nobody said of each sentence that it is borne out: they are true, but the passages need not have all of it.
    """
    random_ = random.Random(seed)
    documents = {row["doc_id"]: sentences_of(row) for row in _rows(folder / "documents.jsonl")}
    rows = [row for row in _rows(folder / "questions.jsonl") if row["answerable"] and row["answers"]]
    foreign = sorted({m.group() for r in rows for m in re.finditer(rf"(?<=[a-z] ){NAME}", r["answers"][0])})
    for number, row in enumerate(rows):
        pool = [e for d in dict.fromkeys(e["doc_id"] for e in row["evidence"]) for e in documents.get(d, [])]
        elsewhere = [e for e in rows[(number + 1) % len(rows)]["evidence"]]
        other = [e for d in dict.fromkeys(e["doc_id"] for e in elsewhere) for e in documents.get(d, [])]
        text = row["answers"][0]
        question = row.get("standalone_rewrite") or row["question"]
        for span in split(text):
            claim = span.of(text).strip()
            if not pool or len(content(claim)) < 4:
                continue
            evidence = around([], pool, f"{question} {claim}")
            yield Labelled(folder.name, "answer's sentence", row["id"], claim, evidence, True, question)
            for kind, changed in _mutations(claim, foreign, random_):
                if changed and changed != claim:
                    yield Labelled(folder.name, kind, row["id"], changed, evidence, False, question)
            if other and {e.document_id for e in other}.isdisjoint(e.document_id for e in pool):
                apart = around([], other, f"{question} {claim}")
                yield Labelled(folder.name, "evidence of another question", row["id"], claim, apart, False, question)


def of_other_things(claims: Sequence[Labelled], seed: int = 0) -> Iterator[Labelled]:
    """True claims with a common noun changed, and asked so: to one of the same document, and to one of another.

    Nothing is fitted on these: a word that quotes don't have is a condition (rag.hold.foreign).
    """
    random_ = random.Random(seed)
    every = sorted({word for claim in claims for item in claim.evidence[:3] for word in nouns(item.text)})
    for claim in claims:
        if not claim.label or claim.kind not in ("compressed", "restated", "restated otherwise"):
            continue
        said = content(claim.claim)
        near = [item for item in claim.evidence if 2 * len(said & content(item.text)) >= len(said)]
        taken = said.union(*(content(f"{item.title} {item.text}") for item in near))
        own = sorted({word for item in claim.evidence if item not in near for word in nouns(item.text)})
        for kind, others in (("of the document", own), ("of another", every)):
            fresh = [word for word in others if not content(word) & taken]
            if changed := other_noun(claim.claim, claim.question, fresh, random_):
                name = f"{claim.kind}, another thing {kind}"
                yield replace(claim, kind=name, claim=changed[0], question=changed[1], label=False)


def blind_claims(datasets: Path) -> list[Labelled]:
    """Return claims of sets that nothing was fitted on and whose errors nobody read."""
    found: list[Labelled] = []
    found += from_documents(datasets / "nomiracl", 900)
    found += from_answers(datasets / "mtrag")
    found += from_answers(datasets / "aragog")
    found += from_questions(datasets / "tatqa")
    return list({(claim.of, claim.kind, claim.claim): claim for claim in found}.values())


def all_claims(datasets: Path) -> list[Labelled]:
    """Return every labelled claim of the sets that are there."""
    found: list[Labelled] = []
    found += from_documents(datasets / "squad2", 600)
    found += from_documents(datasets / "multihop_wiki", 300)
    found += from_questions(datasets / "squad2")
    found += from_questions(datasets / "multihop_wiki")
    found += from_questions(datasets / "realtimeqa")
    found += from_questions(datasets / "ramdocs")
    found += from_scifact(datasets / "scifact")
    found += from_explanations(datasets / "realtimeqa")
    return list({(claim.of, claim.kind, claim.claim): claim for claim in found}.values())
