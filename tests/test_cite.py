from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cite import FEATURES, Verdict, check, closest
from rag.fitted import fitted
from rag.markers import without_markers
from rag.types import Evidence
from rag.words import tokens

RANK = {"unsupported": 0, "partly": 1, "supported": 2}
TRIPS = (
    "Officials in Lisbon expect the visit by Ferreira to pave the way for more meetings in the coming months, "
    "including possible trips by Portugal's Finance Minister Marta Teles and Trade Minister Rui Pinto."
)
BOARD = "Ana Silva, the chair, and Tom Ruiz, the treasurer, signed the lease on 3 May 2019."


def quote(text: str, document: str = "d", start: int = 0, title: str = "") -> Evidence:
    return Evidence(document, f"{document}:0", start, start + len(text), text, 0.5, title)


def verdict(claim: str, *texts: str) -> Verdict:
    """Check a claim against sentences of documents that have nothing to do with each other."""
    return check(claim, [quote(text, document=f"d{number}") for number, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Teles and Pinto may visit after Ferreira.", TRIPS),
        ("Marta Teles and Rui Pinto may make trips in the coming months.", TRIPS),
        ("Tom Ruiz is the treasurer.", BOARD),
        ("Silva and Ruiz signed the lease.", BOARD),
        ("The lease was signed on 3 May 2019 by Ana Silva and Tom Ruiz.", BOARD),
        ("The U.S. sent 1,200 troops.", "The United States sent 1200 troops to the island."),
        ("The fair is on 18 and 19 June.", "The fair is on June 18–19 in Turin."),
        ("Two bridges were closed.", "The storm closed 2 bridges in Porto; both bridges were closed for a week."),
        ("The park cost $5 million.", "The park cost 5 million dollars."),
        ("The park cost 5,000,000 dollars.", "The park cost $5 million."),
        ("Prices rose by 7 percent.", "Prices rose by 7 % last year."),
        ("The Kestrel is a long distance train.", "The Kestrel is a long-distance train."),
        ("Berg's novel won the prize.", "The prize was won by the novel of Ida Berg."),
        ("Ida Berg leads the agency.", "Ida Berg, who succeeded Tom Ruiz in 2019, leads the agency."),
        ("The bridge was designed by Ida Berg.", "Ida Berg designed the bridge in 1974."),
        ("Ida Berg designed the bridge.", "The bridge was designed by Ida Berg in 1974."),
        ("Berg flew to Oslo.", "Berg flew from Lisbon to Oslo."),
        ("Sales were 700 in 2020.", "Sales were 500 in 2019 and 700 in 2020."),
        ("Mira Holt was born in Graz.", "Mira Holt (born 4 April 1931 in Graz, died 1999) was an Austrian skier."),
    ],
)
def test_supports_copies_compressions_and_paraphrases(claim: str, text: str) -> None:
    found = verdict(claim, "Nothing else is known of the weather in March.", text)
    assert (found.status, found.quotes) == ("supported", (1,)), found


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        # who and what
        ("Rui Pinto is the Finance Minister.", TRIPS),
        ("Marta Pinto may visit.", TRIPS),
        ("Ana Silva is the treasurer.", BOARD),
        ("Qin told Lund that trade matters.", "Lund told Qin that trade matters."),
        ("The mayor thanked Lund.", "Lund thanked the mayor."),
        ("Tom Ruiz leads the agency.", "Ida Berg, who succeeded Tom Ruiz in 2019, leads the agency."),
        ("Ruiz praised the deal.", "Berg, after talks with Ruiz in Oslo, praised the deal."),
        ("The bridge designed Ida Berg.", "The bridge was designed by Ida Berg in 1974."),
        ("Berg flew to Lisbon.", "Berg flew from Lisbon to Oslo."),
        ("Lund met Berg in Oslo.", "Holt met Berg in Oslo."),
        ("Oslo lies on the western shore of Lake Mjosa.", "Lake Mjosa lies on the western shore of Oslo."),
        # numbers, dates, units
        ("The park cost $6 million.", "The park cost $5 million."),
        ("The park cost $5 billion.", "The park cost $5 million."),
        ("The fair is on 18 and 20 June.", "The fair is on June 18–19 in Turin."),
        ("The fair is in May.", "The fair is in June."),
        ("It was until 1823 that they called it Vasa.", "In Graz it was not until 1823 that they called it Vasa."),
        ("The fair is on 18 July.", "The fair is on June 18 in Turin."),
        ("The trail is 12 miles long.", "The trail is 12 kilometres long."),
        ("Prices rose by 7 euros.", "Prices rose by 7 percent."),
        ("Sales were 700 in 2019.", "Sales were 500 in 2019 and 700 in 2020."),
        ("The club scored 3 goals in 12 games.", "The club scored 12 goals in 3 games."),
        # the opposite
        ("The council did not approve the plan.", "The council approved the plan."),
        ("The council approved the plan.", "The council never approved the plan."),
        ("Holt took the bribe.", "Holt denied that he took the bribe."),
        ("The council rejected the plan.", "The council approved the plan."),
        ("The meeting was held in May.", "The meeting was postponed in May."),
        ("Prices decreased in May.", "Prices increased in May."),
        ("The tower was closed before the war.", "The tower was closed after the war."),
        ("The north tower fell.", "The south tower fell."),
        ("She won the final in Graz.", "She lost the final in Graz."),
        ("The first train leaves at 5.", "The last train leaves at 5."),
        ("More than 40 ships sank.", "Less than 40 ships sank."),
        ("The firm bought the mill.", "The firm sold the mill."),
        # not said
        ("The prime minister of Canada is Justin Trudeau.", "The prime minister met farmers in Graz."),
        ("Trudeau met farmers in Graz.", "The prime minister met farmers in Graz."),
        # no statement
        ("Who signed the lease?", BOARD),
        ("Who signed the lease?", "Who signed the lease?"),
        ("NOT FOUND", "The wreck was not found."),
        ("NOT FOUND.", "NOT FOUND."),
        ("", BOARD),
        ("…", BOARD),
        ("It is what it is.", BOARD),
    ],
)
def test_never_supports(claim: str, text: str) -> None:
    found = verdict(claim, text)
    assert found.status == "unsupported", found
    assert found.why


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Lund met Berg in Oslo.", "Lund may meet Berg in Oslo."),
        ("The dam will break.", "The dam could break."),
        ("Lund met Berg in Oslo.", "Lund will meet Berg in Oslo."),
        ("Holt sold the mill.", "Holt plans to sell the mill."),
    ],
)
def test_a_guess_that_became_a_fact_is_at_most_partly_supported(claim: str, text: str) -> None:
    found = verdict(claim, text)
    assert found.status != "supported"
    assert "only as likely or to come" in found.why


def test_a_fact_may_be_told_more_carefully() -> None:
    assert verdict("Lund may meet Berg in Oslo.", "Lund will meet Berg in Oslo.").status == "supported"


def test_merged_claims_cite_both_quotes_and_no_other() -> None:
    found = verdict(
        "Ida Berg designed the Vasa bridge and won the Aalto prize.",
        "The Aalto prize is awarded each year.",
        "Ida Berg designed the Vasa bridge.",
        "Ida Berg won the Aalto prize.",
    )
    assert (found.status, found.quotes) == ("supported", (1, 2))


def test_one_quote_is_cited_where_one_is_enough() -> None:
    whole = quote("Ida Berg designed the Vasa bridge in 1974.", start=0)
    part = quote("The Vasa bridge opened in 1974.", start=50)
    assert check("Berg designed the Vasa bridge in 1974.", [part, whole]).quotes == (1,)


def test_a_second_document_that_says_the_same_is_cited_too() -> None:
    found = verdict(
        "Berg designed the bridge.", "Ida Berg designed the bridge in 1974.", "The bridge that Berg designed."
    )
    assert found.quotes == (0, 1)
    many = verdict("Berg designed the bridge.", *["Ida Berg designed the bridge."] * 6)
    assert len(many.quotes) == 3


@pytest.mark.parametrize(
    ("claim", "one", "other"),
    [
        ("Ana Silva opened the bridge in 1999.", "Ana Silva chairs the council.", "The bridge opened in 1999."),
        ("Silva opened the bridge.", "Silva visited the bridge.", "The bridge was opened by Tom Ruiz."),
        ("Ida Berg was born in 1931.", "Ida Berg lives in Graz.", "Mira Holt was born in 1931."),
    ],
)
def test_quotes_that_do_not_belong_together_are_not_put_together(claim: str, one: str, other: str) -> None:
    assert verdict(claim, one, other).status != "supported"


def test_neighbours_in_a_document_may_share_their_subject() -> None:
    text = [quote("Qorv is a village in Iran.", start=0), quote("Its population was 2,772 in 2006.", start=30)]
    assert check("The population of Qorv was 2,772 in 2006.", text).quotes == (0, 1)
    apart = [quote("Qorv is a village in Iran.", "a"), quote("Its population was 2,772 in 2006.", "b")]
    assert check("The population of Qorv was 2,772 in 2006.", apart).status == "unsupported"


def test_the_title_says_whom_a_quote_speaks_of_but_supports_nothing_by_itself() -> None:
    about = quote("He was elected mayor in 1998.", title="Tom Ruiz")
    assert check("Tom Ruiz was elected mayor in 1998.", [about]).status == "supported"
    assert (
        check("Tom Ruiz was elected mayor.", [quote("It rained.", title="Tom Ruiz elected mayor")]).status
        == "unsupported"
    )


@pytest.mark.parametrize(
    "text", ["The university enrols 5,000 students.", "The university is located on a hill.", "It moved in 1911."]
)
def test_a_title_says_of_what_a_quote_speaks_but_not_what_it_says_of_it(text: str) -> None:
    about = [quote(text, title="University of Chicago")]
    assert check("The University of Chicago is located in Chicago.", about).status == "unsupported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Ann Lee is related to Bo Ek.", "Ann Lee and Bo Ek came to the meeting."),
        ("Ann Lee is associated with Bo Ek.", "Ann Lee met Bo Ek."),
        ("Ann Lee uses Linux.", "Ann Lee and Linux were named."),
        ("The plan is considered a failure.", "The plan and its failure were named."),
    ],
)
def test_what_ties_two_things_together_has_to_be_said(claim: str, text: str) -> None:
    assert check(claim, [quote(text)]).status != "supported"


def test_a_number_of_a_row_is_not_said_of_another_column() -> None:
    said = replace(quote("| Kettle | £5 | £30 |"), in_full="Item: Kettle; Hire price: £5; Sale price: £30")
    assert check("The sale price of the kettle is £5.", [said]).status != "supported"
    assert check("The hire price of the kettle is £30.", [said]).status != "supported"


def test_repeating_the_question_is_no_answer() -> None:
    text = [quote("The council of Graz approved the plan.")]
    claim = "The council approved the plan."
    assert check(claim, text, question="Who approved the plan, the council?").status == "unsupported"
    assert check(claim, text, question="Did the council approve the plan?").status == "supported"
    assert (
        check("The council.", text, question="Who approved the plan, the council or the mayor?").status == "supported"
    )


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("Lund signed the lease.", "no quote has “Lund”"),
        ("Ana Silva signed the lease on 4 May.", "no quote has “4”"),
        ("Ana Silva is the treasurer.", "the quote does not tie “Silva” to “treasurer”"),
        ("Ana Silva did not sign the lease.", "no quote denies it"),
        ("Who signed it?", "it is a question"),
    ],
)
def test_the_reason_names_the_word(claim: str, why: str) -> None:
    assert verdict(claim, BOARD).why == why


def test_markers_of_the_model_are_no_words() -> None:
    assert without_markers("Silva signed [1][2, 3] the lease【4†a】.") == "Silva signed the lease."
    assert verdict("Ana Silva signed the lease [7].", BOARD).status == "supported"


def test_other_languages_are_read_word_by_word() -> None:
    assert verdict("Der Turm wurde 1931 gebaut.", "Der Turm in Graz wurde 1931 von Holt gebaut.").status == "supported"
    assert verdict("Der Turm wurde nicht gebaut.", "Der Turm wurde 1931 gebaut.").status == "unsupported"
    assert verdict("北京是中国的首都。", "北京是中国的首都。").status == "supported"
    assert verdict("東京は日本の首都", "北京是中国的首都。").status == "unsupported"


def test_the_fit_is_of_the_features_in_the_code() -> None:
    support = fitted("support")
    assert support.features == FEATURES
    assert support.thresholds["partly"] < support.thresholds["supported"]


def test_thirty_quotes_take_less_than_twenty_milliseconds() -> None:
    texts = [
        f"Clerk {number} of Graz signed the lease of mill {number} in May 19{number + 40}, as Ana Silva said in Oslo."
        for number in range(30)
    ]
    evidence = [quote(text, document=f"d{number // 3}", start=200 * (number % 3)) for number, text in enumerate(texts)]
    claims = [f"Ana Silva signed the lease of mill {number} in Graz with the clerk." for number in range(10)]
    check("Warm up.", evidence)
    start = time.process_time()
    for claim in claims:
        check(claim, evidence)
    assert (time.process_time() - start) / len(claims) < 0.02 * 5, "five times the aim, for a busy machine"


WORDS = st.sampled_from(
    "Ana Silva Ben Ruiz Oslo met told the of in and by not may will bridge lease signed 1999 2 two % first , . ".split()
)
SENTENCES = st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=60))
EVIDENCE = st.lists(
    st.builds(quote, SENTENCES, st.sampled_from(["a", "b"]), st.integers(0, 2000), st.sampled_from(["", "Ana Silva"])),
    max_size=6,
)


def is_statement(text: str) -> bool:
    return any(t.content for t in tokens(without_markers(text))) and check(text, []).why not in {
        "it is a question",
        "it states nothing that could be checked",
    }


@given(SENTENCES, EVIDENCE)
def test_any_text_gets_a_verdict_with_valid_quotes(sentence: str, evidence: Sequence[Evidence]) -> None:
    found = check(sentence, evidence, question="Who?")
    assert list(found.quotes) == sorted(set(found.quotes))
    assert all(0 <= index < len(evidence) for index in found.quotes)
    assert 0 <= found.score <= 1
    assert len(found.quotes) <= 3
    assert bool(found.why) == (found.status != "supported")
    assert found.quotes or found.status != "supported"
    assert check(sentence, evidence, question="Who?") == found


@given(SENTENCES.filter(is_statement), EVIDENCE)
def test_a_copy_of_a_sentence_is_supported_by_it(sentence: str, others: Sequence[Evidence]) -> None:
    found = check(sentence, [*others, quote(sentence, "c")])
    assert found.status == "supported"
    keys = [t.key for t in tokens(without_markers(sentence))]
    cited = [[*others, quote(sentence, "c")][index].text for index in found.quotes]
    assert all([t.key for t in tokens(without_markers(text))] == keys for text in cited)


@given(SENTENCES, EVIDENCE, EVIDENCE)
@settings(max_examples=200)
def test_more_evidence_never_makes_a_verdict_worse(
    sentence: str, some: Sequence[Evidence], more: Sequence[Evidence]
) -> None:
    before, after = check(sentence, some), check(sentence, [*more, *some])
    assert RANK[after.status] >= RANK[before.status]


@given(SENTENCES, EVIDENCE)
def test_the_order_of_the_evidence_does_not_matter(sentence: str, evidence: list[Evidence]) -> None:
    shuffled = sorted(evidence, key=lambda item: (item.start * 7919) % 101)
    one, other = check(sentence, evidence), check(sentence, shuffled)
    assert (one.status, one.score) == (other.status, other.score)


def test_a_sentence_comes_from_the_quote_that_answers_not_from_the_one_that_has_the_question_again() -> None:
    again = quote("Early in February Blinken called off a trip to Beijing on the very day he was to leave.")
    answers = quote("A surveillance balloon had been sighted over the United States.")
    near = closest(
        "Blinken called off his trip because a surveillance balloon was sighted.",
        [again, answers],
        "What made Blinken call off his trip in February?",
    )
    assert near is not None and near[0] == 1


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("公司总部位于南京。", "公司总部位于北京。"),
        ("公司总部位于京东。", "公司总部位于东京。"),
        ("会议将于周四在北京举行。", "会议将于周五在北京举行。"),
        ("会议将于5日举行。", "会议将于5月举行。"),
        ("本社は京都にあります。", "本社は東京にあります。"),
        ("本社は大阪にあります。", "本社は東京にあります。"),
    ],
)
def test_one_character_of_a_name_in_common_is_not_enough(claim: str, text: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("北京也是中国的首都。", "北京是中国的首都。"),
        ("公司总部在北京。", "公司的总部在北京，工厂在上海。"),
        ("会议于周五在北京举行。", "会议将于周五在北京举行。"),
        ("会议在5日举行。", "会议将于5日举行。"),
        ("本社は東京にある。", "本社は東京にあります。"),
        ("本社が東京にあります。", "本社は東京にあります。"),
    ],
)
def test_characters_of_grammar_may_come_and_go(claim: str, text: str) -> None:
    assert verdict(claim, text).status == "supported", verdict(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The landlord lets the two flats in Mill Lane.", "The landlord sold the two flats in Mill Lane."),
        ("The doors are sometimes locked at night.", "The doors are locked at night."),
        ("The fee is £20 per week.", "The fee is £20."),
        ("Bo Ek shot himself in May 1950.", "Bo Ek shot in May 1950."),
    ],
)
def test_small_words_that_say_something_have_to_be_in_a_quote(claim: str, text: str) -> None:
    assert verdict(claim, text).status != "supported"
