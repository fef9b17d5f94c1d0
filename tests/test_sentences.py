from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import split

BULLETS = set("-*+•‣▪●◦·–—")


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "They include U.S. Treasury Secretary Janet Yellen and Gina M. Raimondo of No. 10 Downing St. in London.",
        "U.N spokesperson Stephane Dujarric met Mr. Li, Dr. Wu and Sen. Cruz at 3.5 p.m. on Nov. 22, 1963.",
        "J. K. Rowling and John F. Kennedy Jr. read e.g. Smith et al. (2020, p. 5) vs. Fig. 3, i.e. nothing.",
        "Apple Inc. and Acme Corp. said so, see www.example.com/a.b?c=d.e or a.b@example.com on v1.2.3 of node.js.",
        "“What is it?” he asked.",
        "Wait … no, really.",
        "The force is a vector.[citation needed]",
        "1. The first point is this.",
        "Yahoo! said that it would.",
        "Call System.Out in Java.",
        "Listed by name: violin by J. Amberley, 5,400 pounds.",
        "Signed by A. B. Carter and R. Nolan.",
        "Sens. Hassan and Bennet and Reps. Bishop and Kaptur wrote to Govs. Abbott and Ducey on ext. 239 about Op. 1.",
    ],
)
def test_what_only_looks_like_an_end_does_not_part_a_sentence(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    "parts",
    [
        ["He left the U.S.", "He is back."],
        ["The balloon flew over the U.S.", "The trip was off."],
        ["She said: “It is to be welcomed.”", "The U.S. agreed."],
        ["(He left.)", "She stayed!", "Did they?", "Yes."],
        ["It lacks vitamin C.", "Researchers found it."],
        ["See [1].[2]", "Then go on."],
        ["He works at Apple Inc.", "The firm is big."],
        ["He said no.", "Two came."],
        ["It helps against hepatitis A and B.", "Vaccines exist."],
        ["He did ten reps.", "Ann did four."],
        ["The train runs from A to B.", "Passengers change."],
        ["It rose by 3.5.", "In May it fell."],
        ["Prices, etc.", "The end."],
        ["今天天气很好。", "我们去吧！"],
        ["ذهب إلى بكين.", "ثم عاد."],
        ["1. The first.", "2. The second."],
    ],
)
def test_sentences_end_where_a_reader_sees_it(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("to cool U.S.-China tensions.The trip is rare", ["to cool U.S.-China tensions.", "The trip is rare"]),
        ("may meet Xi JinpingThe U.S. top diplomat", ["may meet Xi Jinping", "The U.S. top diplomat"]),
        ("as he visits Beijing“I don’t think so", ["as he visits Beijing", "“I don’t think so"]),
        ("first visit since 2018U.S. Secretary Blinken", ["first visit since 2018", "U.S. Secretary Blinken"]),
        ("the two countries.– Blinken will meet", ["the two countries.", "Blinken will meet"]),
        ("• One point • Another point", ["One point", "Another point"]),
    ],
)
def test_glued_sentences_and_bullets_in_a_line_are_parted(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_a_range_is_split_without_looking_past_it() -> None:
    text = "Before. One. Two. After."
    assert [span.of(text) for span in split(text, 8, 17)] == ["One.", "Two."]


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])) | st.text(alphabet='aA1 .!?"”’U.S\n–•[]:'))
def test_spans_are_in_order_stripped_and_lose_nothing_but_white_space_and_bullets(text: str) -> None:
    end = 0
    spans = split(text)
    gaps = zip([0, *(span.end for span in spans)], [*(span.start for span in spans), len(text)], strict=True)
    assert all(character in BULLETS or character.isspace() for first, last in gaps for character in text[first:last])
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert span.of(text) == span.of(text).strip()
        end = span.end


@pytest.mark.parametrize("unit", ["word ", ".", "U.S. ", "a.b", '."', "[1].", "x", "• ", ".["])
def test_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    started = time.monotonic()
    split(text)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "parts",
    [
        ["Sie kam am 3. Oktober 1990 in Berlin an, z. B. mit dem Zug.", "Er blieb zu Hause."],
        ["Das gilt z.B. für Hunde, d.h. Haustiere usw. im Haus.", "Die Katze schläft."],
        ["Im 19. Jahrhundert wuchs die Stadt.", "Kaiser Wilhelm II. regierte von 1888 bis 1918."],
        ["Laut Nr. 5 Abs. 2 des Gesetzes ist das verboten.", "Dr. Müller bzw. Frau Schmidt sagten ca. 3 Mio. Euro zu."],
        ["„Ich komme morgen.“", "Dann ging er."],
        ["»Wo ist er?«, fragte sie.", "Niemand antwortete."],
        ["Le ministre M. Dupont est arrivé avec Mme Durand, p. ex. à Paris.", "Il pleuvait."],
        ["« Je viens demain. »", "Puis il partit."],
        ["Il a dit : « Où est la gare ? »", "Personne ne répondit."],
        ["Selon l'art. 5 du code, c.-à-d. la loi, c'est interdit.", "MM. Petit et Grand sont d'accord."],
        ["El Sr. García y la Sra. López viven en EE. UU. desde 1990.", "¿Dónde está la casa?", "¡Qué bonito!"],
        ["Véase la pág. 12, p. ej. el art. 3.", "Ud. tiene razón."],
        ["ذهب د. أحمد إلى بكين.", "هل عاد؟", "نعم، عاد أمس."],
        ["डॉ. शर्मा दिल्ली गए।", "क्या वे लौट आए?", "हाँ।"],
        ["وہ بیجنگ گیا۔", "کیا وہ واپس آیا؟"],
    ],
)
def test_full_stops_of_other_languages_are_known(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["他说：“我明天来。”", "然后他走了。"],
        ["价格是3.5元。[3]", "这很便宜。"],
        ["「明日行きます。」と彼は言った。", "そして帰った。"],
        ["यह पहला वाक्य है।", "यह दूसरा वाक्य है।"],
    ],
)
def test_sentences_may_follow_each_other_without_a_space(parts: list[str]) -> None:
    assert sentences("".join(parts)) == parts


def test_english_words_that_are_abbreviations_elsewhere_end_an_english_sentence() -> None:
    text = "They study modern art. Some of it is on the bd. The man is at home. It was in May 2003. October came."
    assert len(sentences(text)) == 5
