from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clean import NEAR_DUPLICATE, kept, mend, resemblance, signature
from rag.furniture import is_furniture

ARTICLE = [
    "The Secretary of State is scheduled to visit Beijing this weekend.",
    "He will be holding meetings on June 18-19.",
    "U.S. officials expect a series of trips, including by Treasury Secretary Janet Yellen and Gina M. Raimondo.",
    "No.",
    "A spokesperson said “Anything that would lead to greater dialogue is to be welcomed.",
]


def content(text: str) -> list[str]:
    return [span.of(text) for block in kept(text) for span in block.sentences]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in kept(text)]


@pytest.mark.parametrize("inner", ["\n", "\n\n", " ", "\r\n"])
@pytest.mark.parametrize("outer", ["\n", "\n\n\n", " ", ""])
def test_an_article_pasted_eight_times_is_there_once(inner: str, outer: str) -> None:
    assert content(outer.join([inner.join(ARTICLE)] * 8)) == ARTICLE


def test_copies_with_other_paragraph_breaks_are_copies() -> None:
    wrapped = (
        " ".join(ARTICLE).replace("visit Beijing this ", "visit Beijing this\n").replace("of trips, ", "of trips,\n")
    )
    text = "\n\n".join(["\n\n".join(ARTICLE), " ".join(ARTICLE), wrapped])
    assert content(text) == ARTICLE


def test_a_section_that_is_repeated_with_its_heading_is_there_once() -> None:
    section = "## Plan\n\nThe team meets on Monday in Berlin.\n\n## Next\n\nThe report is due at the end of May."
    assert content(f"{section}\n\n{section}") == content(section)


def test_short_lines_rows_and_questions_may_recur_with_something_else_around() -> None:
    text = (
        "Alice\n\nWhat do you like to cook at home?\n\nSoup with beans.\n\nYes.\n\n"
        "Bob\n\nWhat do you like to cook at home?\n\nBread with seeds.\n\nYes.\n"
    )
    assert content(text).count("What do you like to cook at home?") == 2
    assert content(text).count("Yes.") == 2
    table = (
        "| Name | Role |\n|---|---|\n| Ann | chair of the whole board |\n\nText.\n\n| Ann | chair of the whole board |"
    )
    assert content(table).count("| Ann | chair of the whole board |") == 2


def test_two_lists_with_the_same_short_entries_both_stay_and_a_copied_table_does_not() -> None:
    nominees = "- Dune wins\n- West Side Story\n- Belfast"
    lists = f"Best song\n\n{nominees}\n\nBest film\n\n{nominees}"
    assert content(lists).count("Dune wins") == 2
    table = "\n".join(f"| row {n} | {n} |" for n in range(10))
    assert len(content(f"{table}\n\n{table}")) == 10


@pytest.mark.parametrize(
    "line",
    [
        "Read more »",
        "READ MORE",
        "Read more: Blinken lands in Beijing",
        "Similar News:You can also read news stories similar to this one that we have collected.",
        "United States Latest News, United States Headlines",
        "Tags: China, Beijing",
        "Real Time Analytics",
        "Advertisement",
        "ADVERTISEMENT",
        "Share this article",
        "Share on Facebook",
        "Facebook Twitter WhatsApp",
        "Tweet | Email | Print",
        "Subscribe",
        "Sign up for our daily newsletter and never miss a story.",
        "Subscribe to our newsletter",
        "We use cookies to improve your experience.",
        "By clicking “Accept”, you agree to our terms.",
        "Leah Millis | Afp | Getty Images",
        "Win McNamee/Getty Images",
        "Photo: Ann Lee",
        "(Photo by Ann Lee/AFP via Getty Images)",
        "Home > News > World",
        "Home | News | Sport | Contact",
        "Skip to content",
        "© 2023 The Paper",
        "Copyright 2019 Hawaii News Now. All rights reserved.",
        "Follow us on Twitter",
        "Related articles",
    ],
)
def test_page_furniture_is_no_content(line: str) -> None:
    assert is_furniture(line)
    assert content(f"One real sentence stands here.\n{line}\nAnother real sentence follows.") == [
        "One real sentence stands here.",
        "Another real sentence follows.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "The site uses cookies to track readers, the regulator said.",
        "Getty Images sued the company in 2023.",
        "Read more books in 2024 was his resolution.",
        "Readers should read more about this, she said.",
        "Microsoft, Apple, Bloomberg",
        "Tags are short labels.",
        "Sign up opens on Monday at 9.",
        "Home prices rose by 3 %.",
        "Janet Yellen | Treasury Secretary",
        "News of the visit reached London.",
        "Topics",
        "He shared the article on Facebook.",
        "Follow the road to Rome.",
        "Copyright is a right.",
        "Total | 45 | 38",
        "June 18-19",
        "No.",
    ],
)
def test_a_line_that_says_something_stays(line: str) -> None:
    assert line in content(f"One real sentence stands here.\n{line}\nAnother real sentence follows.")


def test_a_markdown_heading_stays_though_it_reads_like_a_button() -> None:
    assert "Subscribe" in content("# Manual\n\n## Subscribe\n\nPress the green button to do it.")


def test_tags_on_the_line_below_go_with_their_label() -> None:
    assert content("He went home.\n\n    Tags\n    China, Beijing, Communication\n") == ["He went home."]
    assert "They met in Rome." in content("Tags\nThey met in Rome.")


def test_a_list_of_links_goes_and_a_single_source_stays() -> None:
    links = "\n".join(f"- [Page {n}](https://example.com/{n})" for n in range(4))
    assert content(f"Some text here.\n\n{links}\n") == ["Some text here."]
    assert len(content("Some text here.\n\nhttps://example.com/source\n")) == 2


def test_teasers_of_a_link_page_stay_without_their_buttons() -> None:
    text = (
        "Blinken lands in BeijingThe visit is the first in years.\nRead more »\nYellen may follow in July.\nRead more »"
    )
    assert content(text) == [
        "Blinken lands in Beijing",
        "The visit is the first in years.",
        "Yellen may follow in July.",
    ]


def test_a_credit_behind_a_sentence_goes() -> None:
    assert content("He is set to visit China. Win McNamee/Getty Images") == ["He is set to visit China."]


def test_front_matter_is_no_content() -> None:
    assert content("---\ntitle: T\ndate: 2023-06-15\n---\nThe text begins here.") == ["The text begins here."]
    assert len(content("---\nNot a key\n---\nThe text begins here.")) == 2


def test_headings_items_rows_and_code_are_told_apart() -> None:
    text = (
        "The Title\n=====\n\nSome text.\n\n## Part one ##\n\n- first item\n  goes on\n- second item\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n\nAddressing Tensions\n\nMore text.\n"
    )
    assert kinds(text) == [
        ("heading", "The Title"),
        ("text", "Some text."),
        ("heading", "Part one ##"),
        ("item", "first item"),
        ("text", "goes on"),
        ("item", "second item"),
        ("row", "| a | b |"),
        ("row", "| 1 | 2 |"),
        ("code", "x = 1"),
        ("heading", "Addressing Tensions"),
        ("text", "More text."),
    ]


def test_a_sentence_that_a_pdf_breaks_before_a_name_or_a_year_is_whole() -> None:
    year = (
        "The supplier of hub motors, Yantai Drive, announced that it will stop making the HD-3 motor in June\n"
        "2026. A replacement has been tested since October, but no contract has been signed.\n"
        "The lease of the Rotterdam warehouse ends on 31 August 2026. The board has not decided\n"
        "whether to renew it."
    )
    assert content(year)[0].endswith("motor in June\n2026.")
    assert len(content(year)) == 4
    name = (
        "The board consists of Marijke de Vries (chair), Tom Okafor, Ines Albrecht and Per Lindqvist. Ines\n"
        "Albrecht joined in May 2025 in place of Harold Finch, who retired.\n\n"
        "Quarter | Revenue (EUR) | Repairs\nQ1 | 940,000 | 2,310\nQ2 | 1,310,000 | 3,420"
    )
    assert content(name)[1] == "Ines\nAlbrecht joined in May 2025 in place of Harold Finch, who retired."
    assert len(content(name)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "Chancellor meets premier in Berlin on the new budget\nThe talks went well, said both of them afterwards.",
        "Marijke de Vries, managing director since March 2009\nTom Okafor, head of the workshop since spring of 2011",
        "Harbor Lane Cycles, purchasing department, Kade 12\n2611 AB Delft\nThe Netherlands\nTelephone 015 555 0142",
        "Quarter | Revenue (EUR) in the year before last | Repairs\nQ1 and Q2 | 940,000 | 2,310 and some more of them.",
    ],
)
def test_headlines_names_addresses_and_rows_are_not_joined_to_what_follows(text: str) -> None:
    assert len(kinds(text)) == len(text.split("\n"))


def test_lines_wrapped_to_a_column_are_one_paragraph_and_headlines_are_not() -> None:
    wrapped = (
        "The Secretary of State will travel to Beijing for two\n"
        "days of talks with senior officials, among them Foreign\n"
        "Minister Qin Gang, and may also meet with the President\n"
        "Xi Jinping before he leaves.\n"
    )
    assert len(content(wrapped)) == 1
    headlines = (
        "Blinken to meet China's Xi Jinping on Monday, U.S. official says\n"
        "Secretary Blinken lands in Beijing, marking first visit since 2018\n"
        "Biden excuses China's spy balloon flight as Blinken visits Beijing\n"
    )
    assert len(content(headlines)) == 3


@given(
    st.text(alphabet=st.characters(blacklist_categories=["Cs"])) | st.text(alphabet="aB #-|`>.\n\r\t•1*=[]()é\u202e")
)
def test_any_text_gives_spans_in_order_and_the_same_each_time(text: str) -> None:
    end = 0
    for block in kept(text):
        assert block.sentences
        for span in block.sentences:
            assert end <= span.start < span.end <= len(text)
            assert span.of(text) == span.of(text).strip()
            end = span.end
    assert kept(text) == kept(text)


@given(st.lists(st.sampled_from(ARTICLE), max_size=30), st.sampled_from(["\n", "\n\n"]))
def test_no_sentence_is_lost_and_no_long_one_is_there_twice(lines: list[str], between: str) -> None:
    found = content(between.join(lines))
    assert set(found) == set(lines)
    assert all(found.count(line) == 1 for line in set(lines) - {"No."})


@pytest.mark.parametrize(
    "unit", ["abc def\n", "- ", "|a ", "# a\n", "> ", "a-\n", "[a](b) ", "A B C\n", "```\n", "Aa/"]
)
def test_time_grows_with_the_length_only(unit: str) -> None:
    started = time.monotonic()
    kept(unit * (200_000 // len(unit)))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        ("a diplo-\nmatic visit", "a diplomatic visit"),
        ("a diplo\u00ad\r\n  matic vis\u00adit", "a diplomatic visit"),
        ("military-to-\nmilitary talks", "military-to-military talks"),
        ("a long-\nterm plan of U.S.-\nChina talks", "a long-term plan of U.S.- China talks"),
        ("June 18-\n19", "June 18-19"),
        ("zero\u200bwidth\ufeff and\u00a0odd\u2003space\x07s", "zerowidth and odd space s"),
        ("oﬃce ﬁles", "office files"),
        ("Rene\u0301 and the nai\u0308-\nve", "René and the naïve"),
        ("a\n \n> > b\n>\n> c > d >\n> e", "a b c > d > e"),
        ("see [the plan](https://example.com/a) and **this**", "see the plan and this"),
        ("> quoted\n> text", "> quoted text"),
        ("2 * 3 * 4 and a_b_c", "2 * 3 * 4 and a_b_c"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_mending(raw: str, mended: str) -> None:
    assert mend(raw) == mended


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])))
def test_mended_text_is_one_stripped_line_without_controls(text: str) -> None:
    mended = mend(text)
    assert mended == mended.strip()
    assert not any(character in mended for character in "\n\r\t\x00\u00ad\u200b")


@given(st.text(alphabet="\n\r >a", max_size=40))
def test_quote_marks_go_only_behind_a_line_break(text: str) -> None:
    assert mend(text) == " ".join(re.sub(r"\s*\n\s*>[>\s]*", " ", text).split())


def test_empty_lines_by_the_thousand_cost_no_time() -> None:
    started = time.monotonic()
    mend("What is this?" + "\n" * 2400 + "Total: 5")
    assert time.monotonic() - started < 1  # 6.5 s where each empty line is tried as a beginning and as an end


def test_signatures_tell_copies_from_other_texts() -> None:
    text = " ".join(ARTICLE) * 2
    mark, bands = signature(text)
    other, other_bands = signature(
        "Quarterly revenue rose by nine per cent while costs fell, the firm told its shareholders."
    )
    changed, changed_bands = signature(text.replace("June 18-19", "June 16 to 21"))
    assert resemblance(mark, signature(text.upper().replace(" ", "\n"))[0]) == 1
    assert resemblance(mark, changed) > NEAR_DUPLICATE > resemblance(mark, other)
    assert set(bands) & set(changed_bands)
    assert not set(bands) & set(other_bands)
    assert len(set(bands)) == len(bands)


def test_a_signature_is_the_same_on_every_machine_and_version() -> None:
    assert signature(" ".join(ARTICLE))[0].hex()[:32] == "6fd70304c6b8dc008c3759088ff55f09"


def test_a_short_text_has_no_signature_and_resembles_nothing() -> None:
    assert signature("Yes, on Monday.") == (b"", ())
    assert resemblance(b"", b"") == 0


def test_thousands_of_blank_lines_are_mended_in_no_time() -> None:
    started = time.monotonic()
    assert mend("a" + "\n" * 8000 + "b\n > c") == "a b c"
    assert time.monotonic() - started < 1
