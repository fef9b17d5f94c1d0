"""For a project's own tests: ask its question file and fail where the answers got worse.

from rag.evaluate.testing import assert_good

def test_answers() -> None:
    assert_good("questions.jsonl", docs="docs", least={"citation.precision": 0.9})
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.evaluate.gate import gate
from rag.evaluate.runner import Options, Report, run

if TYPE_CHECKING:
    from rag.engine import Engine


def assert_good(
    questions: Path | str,
    *,
    docs: Path | str | None = None,
    collection: str | None = None,
    least: Mapping[str, float] | None = None,
    most: Mapping[str, float] | None = None,
    engine: Engine | None = None,
    out: Path | str | None = None,
    options: Options | None = None,
) -> Report:
    """Run a question file and raise AssertionError with every bound that is broken; return the report.

    Args:
        questions: as for `rag.evaluate.run`, as are docs, collection, out and options.
        docs: the documents to ask about.
        collection: documents that are in the store, in place of `docs`.
        least: lowest value by metric, such as {"citation.precision": 0.9}.
        most: highest value by metric; questions that fail break the test unless "errors" is among them.
        engine: by default one with the settings of rag.toml and the environment.
        out: folder for the run, to look at its report.html when the test fails.
        options: which of the questions are asked, and how.

    Raises:
        AssertionError: a bound is broken.
        RagError: see `rag.evaluate.run`.
    """
    if engine is None:
        from rag.engine import Engine as Real

        with Real() as opened:
            report = run(opened, questions, docs=docs, collection=collection, out=out, options=options)
    else:
        report = run(engine, questions, docs=docs, collection=collection, out=out, options=options)
    broken = [check.said for check in gate(report.summary, least or {}, most or {}) if not check.holds]
    failed = [f"{outcome.id}: {outcome.error}" for outcome in report.failed]
    if broken:
        raise AssertionError("\n".join([*broken, *failed]))
    return report
