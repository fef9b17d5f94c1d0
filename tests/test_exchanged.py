"""Duties that are none, and roles that are exchanged: sentences of the quote's own words that say something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import Verdict, check
from rag.duties import otherwise_bound
from rag.exchanged import exchanged
from rag.reading import read
from rag.types import Evidence


def verdict(claim: str, *texts: str) -> Verdict:
    return check(claim, [Evidence(f"d{n}", f"p{n}", 0, len(text), text, 0.9) for n, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Tenants can paint the walls.", "Tenants must paint the walls."),
        ("Tenants must pay a deposit.", "Tenants can pay a deposit."),
        ("Tenants may keep a dog.", "Tenants must keep a dog."),
        ("Tenants may keep a dog.", "Tenants have to keep a dog."),
        ("Employees can take leave in August.", "Employees are required to take leave in August."),
        ("Visitors must also sign in at the desk.", "Visitors may sign in at the desk."),
        ("Visitors are required to sign in at the desk.", "Visitors are free to sign in at the desk."),
        ("The deposit shall be paid in May.", "The deposit can be paid in May."),
    ],
)
def test_what_one_may_is_not_what_one_must(text: str, claim: str) -> None:
    found = verdict(claim, text)
    assert found.status != "supported" and "not “" in found.why


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Tenants must pay a deposit.", "Tenants have to pay a deposit."),
        ("Tenants are required to pay a deposit.", "Tenants must pay a deposit."),
        ("A tenant has to pay a deposit.", "A tenant shall pay a deposit."),
        ("Tenants can paint the walls.", "Tenants may paint the walls."),
        ("Tenants are allowed to paint the walls.", "Tenants can paint the walls."),
        ("Tenants must not paint the walls.", "Tenants may not paint the walls."),
        ("You must pay in May, and paying by card is possible.", "You can pay by card."),
    ],
)
def test_a_duty_may_be_put_in_other_words(text: str, claim: str) -> None:
    assert not list(otherwise_bound(read(claim), [read(text)]))
    assert verdict(claim, text).status == "supported" or "possible" in text, verdict(claim, text)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The dog bit the postman.", "The postman bit the dog."),
        ("The dog bit the old postman yesterday.", "The postman bit the dog yesterday."),
        ("The tenant must notify the landlord.", "The landlord must notify the tenant."),
        (
            "The tenant must notify the landlord about damage within two weeks.",
            "The landlord must notify the tenant about damage within two weeks.",
        ),
        ("The landlord must be notified by the tenant.", "The tenant must be notified by the landlord."),
        ("Foxes hunt rabbits in the north.", "Rabbits hunt foxes in the north."),
        ("5 of the 10 members voted.", "10 of the 5 members voted."),
        ("The score was 3-1 for Norway.", "The score was 1-3 for Norway."),
        ("One in ten children is ill.", "10 in one children is ill."),
    ],
)
def test_exchanged_roles_are_no_support(text: str, claim: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The landlord must be notified by the tenant.", "The tenant must notify the landlord."),
        ("The dog bit the postman, and the postman bit the dog.", "The postman bit the dog."),
        ("The queen met the bishop in May.", "The bishop met the queen in May."),
        ("Sales rose from 5 to 10 million in May.", "Sales rose to 10 million from 5 in May."),
        ("Norway beat Sweden 3-1.", "Sweden lost 1-3 to Norway."),
        ("5 of the 10 members voted.", "Of the 10 members, 5 voted."),
    ],
)
def test_the_same_may_be_told_from_the_other_side(text: str, claim: str) -> None:
    assert not list(exchanged(read(claim), [read(text)]))


@given(st.lists(st.sampled_from("the dog bit man 3 1 5 of - to by was must can , Ana".split()), max_size=12))
def test_no_text_differs_from_itself(words: list[str]) -> None:
    reading = read(" ".join(words))
    assert not list(exchanged(reading, [reading]))
    assert not list(otherwise_bound(reading, [reading]))
