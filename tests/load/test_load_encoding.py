"""The code page of texts that are no UTF-8: short and long ones in the languages that people keep old files in."""

from __future__ import annotations

import pytest

from rag.load.encoding import decode

WESTERN = [
    "Voilà où nous étions à midi, le café était fermé",
    "café à la carte, déjà vu",
    "A reunião será amanhã às três horas",
    "Die Prüfung fällt aus, weil der Schlüssel fehlt.",
    "Año nuevo, niños y señoras",
    "La città è più bella di così",
    "Mötet börjar klockan tre på tisdag i Göteborg",
    "Mødet begynder på lørdag klokken ni",
    "Hyvää päivää, kokous alkaa myöhemmin",
    "Þetta er ekki rétt, sagði maðurinn",
    "He said “we’re closed” – and left.",
    "The price is £40 – or €45 at the door…",
    "Zürich",
    "où modetransaction fait partie de",
]
OTHERS = [
    ("cp1250", "Zażółć gęślą jaźń"),
    ("cp1250", "Książka leży na półce, więc proszę ją wziąć."),
    ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
    ("cp1250", "A gyűlés hétfőn kezdődik, kérjük, jöjjön időben."),
    ("cp1250", "Ședința începe mâine și ține două ore.".replace("Ș", "Ş").replace("ș", "ş").replace("ț", "ţ")),
    ("iso8859-2", "Święto było wspaniałe, a źródło leży w górach."),
    ("cp1251", "Привет"),
    ("cp1251", "Заседание переносится на четверг."),
    ("koi8-r", "Заседание переносится на четверг."),
    ("cp866", "Заседание переносится на четверг."),
    ("cp1251", "Засідання переноситься на четвер, її немає."),
    ("cp1253", "Η συνεδρίαση αρχίζει αύριο το πρωί."),
    ("cp1254", "Toplantı yarın sabah başlıyor, geç kalmayın."),
    ("cp1255", "הישיבה תתחיל מחר בבוקר"),
    ("cp1256", "تبدأ الجلسة صباح الغد في المكتبة"),
    ("cp1257", "Susirinkimas prasidės rytoj, kviečiame visus draugus."),
    ("cp874", "การประชุมจะเริ่มพรุ่งนี้เช้า"),
    ("shift_jis", "会議は明日の朝九時に始まります。"),
    ("euc_jp", "会議は明日の朝九時に始まります。"),
    ("iso2022_jp", "会議は明日の朝九時に始まります。"),
    ("gb18030", "会议明天早上九点开始，请准时到。"),
    ("big5", "會議明天早上九點開始，請準時到。"),
    ("euc_kr", "회의는 내일 아침 아홉 시에 시작합니다."),
]


@pytest.mark.parametrize("text", WESTERN)
def test_a_short_western_text_is_no_text_of_the_baltic_or_of_central_europe(text: str) -> None:
    assert decode(text.encode("cp1252"), "a.txt") == text


@pytest.mark.parametrize(("encoding", "text"), OTHERS)
def test_another_code_page_is_told_by_its_letters(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text
    longer = " ".join([text] * 12)
    assert decode(longer.encode(encoding), "a.txt") == longer


def test_a_character_that_the_end_of_the_sample_cuts_in_two_hides_no_chinese() -> None:
    text = "会议明天早上九点开始，请准时到。" * 9000
    for before in ("", "a"):
        assert decode((before + text).encode("gb18030"), "a.txt") == before + text


def test_plain_letters_with_one_foreign_name_stay_western() -> None:
    text = "The office in Malmö is closed on Monday. " + "Nothing else of note was said at the meeting. " * 40
    assert decode(text.encode("cp1252"), "a.txt") == text
