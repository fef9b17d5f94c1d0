"""First start, the sample folder, documents that are brought, chosen, changed and removed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.engine import Engine
from tests.e2e.conftest import answered, ask
from tests.e2e.test_e2e_views import serious
from tests.fakes.library import QUESTION, RAIMONDO
from tests.fakes.page import engine_over, serving

pytestmark = pytest.mark.browser


def pick(page: Page, collection: str) -> None:
    page.click("#fn-documents-open")
    page.fill("#fn-into", collection)


def upload(page: Page, *paths: Path) -> str:
    """Bring files and return the line that says how it ended."""
    page.locator("#fn-documents input[type=file]").first.set_input_files(list(paths))
    page.wait_for_function("() => document.querySelector('#fn-documents [role=status]').textContent.startsWith('Done')")
    return page.locator("#fn-documents [role=status]").inner_text()


def test_somebody_new_gets_an_answer_from_the_sample_folder_by_one_click(visit: Any, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    with engine_over(tmp_path / "documents", tmp_path / "home") as engine, serving(engine) as address:
        page = visit(at=address)
        expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()
        expect(page.get_by_role("button", name="Add your documents")).to_be_visible()
        expect(page.locator(".fn-example")).to_have_count(3)
        page.locator(".fn-example").first.click()
        page.wait_for_selector(".fn-turn")
        answered(page)
        expect(page.locator("#fn-collection")).to_have_value("sample")
        expect(page.locator("#fn-count")).to_contain_text("7 documents")


def test_thirty_mixed_files_are_listed_with_what_became_of_each(visit: Any, tmp_path: Path) -> None:
    good = [tmp_path / f"note-{number}.txt" for number in range(27)]
    for number, path in enumerate(good):
        path.write_text(f"Note {number}\n\nShelf {number} holds the {number} old atlases of the harbour.\n")
    (tmp_path / "photo.xyz").write_bytes(b"\x89\x00")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "broken.md").write_bytes(b"\x00\x01\x02" * 50)
    page = visit()
    pick(page, "shelves")
    summary = upload(page, *good, tmp_path / "photo.xyz", tmp_path / "empty.txt", tmp_path / "broken.md")
    assert summary.startswith("Done: ") and "27 added" in summary
    rows = page.locator(".fn-outcome")
    expect(rows).to_have_count(30)
    bad = page.locator(".fn-outcome.fn-failed, .fn-outcome.fn-skipped")
    assert {row.split("\n")[0] for row in bad.all_inner_texts()} == {"photo.xyz", "empty.txt", "broken.md"}
    assert all(len(row) > 40 for row in bad.all_inner_texts()), "each with its reason"
    assert all(row.count(row.split("\n")[0]) == 1 for row in bad.all_inner_texts()), "and its name once"
    bad.first.get_by_label("Dismiss").click()
    expect(rows).to_have_count(29)
    expect(page.locator("#fn-collection")).to_have_value("shelves")
    assert upload(page, good[0]).startswith("Done: 1 unchanged")
    expect(page.get_by_role("button", name="Ask about them")).to_be_hidden()


@pytest.mark.parametrize("way", ["dropped", "chosen"])
def test_a_folder_is_brought_with_what_is_in_it(way: str, visit: Any, tmp_path: Path) -> None:
    (tmp_path / "atlas" / "north").mkdir(parents=True)
    for name in ("one.txt", "north/two.txt"):
        (tmp_path / "atlas" / name).write_text(f"Atlas\n\nThe heron of {name} left the estuary {way} in March.\n")
    page = visit()
    pick(page, f"folder-{way}")
    if way == "dropped":
        drop(page, tmp_path / "atlas")
    else:
        page.locator("#fn-documents input[type=file]").nth(1).set_input_files(tmp_path / "atlas")
    expect(page.locator("#fn-documents [role=status]")).to_have_text("Done: 2 added.")
    assert set(page.locator(".fn-outcome-name").all_inner_texts()) == {"atlas/one.txt", "atlas/north/two.txt"}
    page.get_by_role("button", name="Ask about them").click()
    expect(page.locator("#fn-question")).to_be_focused()
    expect(page.locator("#fn-count")).to_have_text("2 documents · 2 passages")


def drop(page: Page, *paths: Path) -> None:
    """Drag files from the desktop and drop them on the page, as the browser itself reports it."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 680, "y": 320, "data": data})


def test_each_file_has_a_bar_until_it_is_known_what_became_of_it(visit: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"Notes\n\nThe {name} heron left the estuary in March.\n")
    page = visit()
    pick(page, "bars")
    held: list[Any] = []
    page.route("**/gradio_api/call/add", lambda route: held.append(route))
    page.locator("#fn-documents input[type=file]").first.set_input_files([tmp_path / "one.txt", tmp_path / "two.txt"])
    under_way = page.locator(".fn-under-way")
    expect(under_way).to_have_count(2)
    expect(under_way.nth(1)).to_contain_text("Sent")
    expect(page.get_by_role("progressbar", name="Progress of two.txt")).to_have_attribute("value", "1")
    assert serious(page) == []
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    page.wait_for_function("() => document.querySelector('#fn-documents [role=status]').textContent.startsWith('Done')")
    expect(under_way).to_have_count(0)
    expect(page.locator(".fn-outcome.fn-added")).to_have_count(2)


def test_near_copies_are_named_and_opened(visit: Any, engine: Engine, tmp_path: Path) -> None:
    said = "The harbour light was lit by Ada Brenner in 1897, and it has burnt on every night since then."
    for name in ("gazette", "herald"):
        (tmp_path / f"{name}.txt").write_text(f"The {name}\n\n{said}\n")
    engine.ingest([tmp_path / "gazette.txt", tmp_path / "herald.txt"], collection="copies")
    page = visit()
    page.select_option("#fn-collection", "copies")
    page.click("#fn-settings-open")
    page.get_by_label("Quotes only").check()
    page.keyboard.press("Escape")
    ask(page, "Who lit the harbour light?")
    page.locator(".fn-chip").first.click()
    title = page.locator("#fn-panel h2").inner_text()
    other = {"The gazette": "The herald", "The herald": "The gazette"}[title]
    expect(page.locator(".fn-panel-foot")).to_contain_text("Also in: ")
    page.get_by_role("button", name=other).click()
    expect(page.locator("#fn-panel h2")).to_have_text(other)
    expect(page.locator(".fn-document")).to_contain_text(said)


def test_a_zip_is_read_within_its_bounds_and_a_copy_is_named(visit: Any, tmp_path: Path) -> None:
    archive = tmp_path / "letters.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("in/a.txt", "Letter\n\nThe heron left the estuary in March.\n")
        zipped.writestr("in/b.txt", "Letter\n\nThe heron left the estuary in March.\n")
        zipped.writestr("../../escape.txt", "Escape\n\nThis one wants to be elsewhere.\n")
    page = visit()
    pick(page, "letters")
    assert upload(page, archive) == "Done: 2 added, 1 couldn’t be read."
    names = page.locator(".fn-outcome-name").all_inner_texts()
    assert {"letters.zip!/in/a.txt", "letters.zip!/in/b.txt"} < set(names)
    expect(page.locator(".fn-outcomes")).to_contain_text("Same as")


def test_a_question_asks_only_the_documents_that_are_ticked(visit: Any) -> None:
    page = visit()
    page.click("#fn-documents-open")
    page.get_by_label("Ask “Who is next”").uncheck()
    page.get_by_label("Close", exact=True).click()
    expect(page.locator("#fn-hint")).to_contain_text("Asking 2 of 3 documents")
    ask(page, QUESTION)
    expect(page.locator(".fn-chip")).to_have_count(0)
    page.get_by_role("button", name="Ask all").click()
    ask(page, QUESTION)
    expect(page.locator(".fn-chip")).to_have_count(2)


def test_documents_are_filtered_opened_and_removed(visit: Any, tmp_path: Path) -> None:
    (tmp_path / "owl.txt").write_text("Owls\n\nThe barn owl nests in the old tower.\n")
    page = visit()
    pick(page, "birds")
    upload(page, tmp_path / "owl.txt")
    page.get_by_label("Filter the documents").fill("nothing")
    expect(page.locator(".fn-listed li")).to_have_count(0)
    page.get_by_label("Filter the documents").fill("owl")
    page.locator(".fn-title").click()
    expect(page.locator(".fn-document")).to_contain_text("The barn owl nests in the old tower.")
    page.click("#fn-documents-open")
    page.get_by_label("Remove “").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("There are none yet.")).to_be_visible()


def test_a_restart_loses_no_chat_and_no_quote(visit: Any, tmp_path: Path) -> None:
    folder, home = tmp_path / "documents", tmp_path / "home"
    with engine_over(folder, home) as engine, serving(engine) as address:
        page = visit(at=address)
        ask(page, QUESTION)
        chat = page.evaluate("location.hash")
    with engine_over(folder, home) as engine, serving(engine) as address:
        page = visit(chat, at=address)
        expect(page.locator(".fn-question")).to_have_text([QUESTION])
        expect(page.locator("#fn-chats li")).to_have_count(1)
        page.locator(".fn-chip").nth(1).click()
        expect(page.locator("#fn-panel mark.fn-active")).to_have_text(RAIMONDO)
        expect(page.locator(".fn-warned")).to_have_count(0)


def test_a_source_that_changed_or_went_says_so_and_the_quote_stays(visit: Any, engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "harbour.txt"
    path.write_text("Harbour\n\nThe harbour light was lit by Ada Brenner in 1897. It burns still.\n")
    engine.ingest([path], collection="harbour")
    page = visit()
    page.select_option("#fn-collection", "harbour")
    page.click("#fn-settings-open")
    page.get_by_label("Quotes only").check()
    page.keyboard.press("Escape")
    ask(page, "Who lit the harbour light?")
    quote = "The harbour light was lit by Ada Brenner in 1897."
    path.write_text(f"Harbour, second edition\n\nA new first line. {quote} It burns still.\n")
    engine.ingest([path], collection="harbour")
    page.reload()
    expect(page.locator(".fn-warned").first).to_contain_text("changed or gone since")
    page.locator(".fn-chip").first.click()
    expect(page.locator("#fn-panel")).to_contain_text("The quote is still in it, in another place.")
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(quote)
    path.write_text("Harbour\n\nNothing is left of it.\n")
    engine.ingest([path], collection="harbour")
    page.reload()
    page.locator(".fn-chip").first.click()
    expect(page.locator("#fn-panel")).to_contain_text("the quote is no longer in it")
    expect(page.locator(".fn-kept")).to_have_text(quote)
    for document in engine.documents.list("harbour"):
        engine.documents.remove(document.id)
    page.reload()
    page.locator(".fn-chip").first.click()
    expect(page.locator("#fn-panel")).to_contain_text("The document was removed since the answer.")
