"""The language of a document, of a sentence, and what is said where an embedding model doesn't know it."""

from __future__ import annotations

import pytest

from rag.language import detect, foreign, hint

SENTENCES = {
    "en": "The minister said that the talks in the capital would go on until the end of the week.",
    "de": "Die Bundesregierung hat am Mittwoch beschlossen, dass die Steuern nicht erhöht werden.",
    "fr": "Le gouvernement a annoncé mercredi que les impôts ne seraient pas augmentés cette année.",
    "es": "El gobierno anunció el miércoles que los impuestos no subirán durante este año.",
    "zh": "政府星期三宣布，今年不会提高税收。",
    "ja": "政府は水曜日に、今年は税金を引き上げないと発表しました。",
    "ar": "أعلنت الحكومة يوم الأربعاء أن الضرائب لن ترتفع هذا العام.",
    "hi": "सरकार ने बुधवार को घोषणा की कि इस साल कर नहीं बढ़ाए जाएँगे।",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_enough_to_tell_a_document(language: str) -> None:
    assert detect(SENTENCES[language]) == language


@pytest.mark.parametrize("language", SENTENCES)
def test_a_hint_is_never_another_language_and_none_for_english(language: str) -> None:
    assert hint(SENTENCES[language]) == (language if language != "en" else "")


@pytest.mark.parametrize("text", ["", "12 | 13.5 | 14", "x = 1;", "https://a.b/c", "ok"])
def test_what_is_hardly_words_has_no_language(text: str) -> None:
    assert detect(text) == "" and hint(text) == ""


@pytest.mark.parametrize(
    "text", ["The Who met Los Lobos and Die Toten Hosen in Las Vegas.", "Vincent van der Berg is in."]
)
def test_names_do_not_make_english_another_language(text: str) -> None:
    assert detect(text) == "en" and hint(text) == ""


def test_a_quotation_does_not_make_a_document_foreign() -> None:
    assert detect(f"{SENTENCES['en'] * 20} {SENTENCES['zh']}") == "en"


def test_documents_in_languages_that_the_embedder_does_not_know_are_counted_by_name() -> None:
    (note,) = foreign(["en", "de", "de", "zh", ""], frozenset({"en"}), "all-MiniLM-L6-v2")
    assert note.startswith("3 documents are in a language that the embedding model all-MiniLM-L6-v2 was not made for")
    assert "(German 2, Chinese 1)" in note and "RAG_EMBEDDING=multilingual-e5-small" in note


def test_nothing_is_said_where_the_embedder_knows_them_or_nobody_knows_what_it_knows() -> None:
    assert foreign(["en", ""], frozenset({"en"}), "m") == foreign(["de"], None, "m") == ()
