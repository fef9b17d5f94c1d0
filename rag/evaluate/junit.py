"""The checks of a gate as JUnit XML, which every CI shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from rag.evaluate.gate import Check
from rag.evaluate.outcome import Outcome

# What XML 1.0 can't hold, escaped or not.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(checks: Sequence[Check], failed: Sequence[Outcome] = ()) -> str:
    """Return a test suite with a case for each check, and one for each question that met an error."""
    suite = ElementTree.Element(
        "testsuite",
        name="rag eval",
        tests=str(len(checks) + len(failed)),
        failures=str(sum(not check.holds for check in checks)),
        errors=str(len(failed)),
    )
    for check in checks:
        case = ElementTree.SubElement(suite, "testcase", classname="rag.eval", name=check.name)
        if not check.holds:
            ElementTree.SubElement(case, "failure", message=_plain(check.said))
    for outcome in failed:
        case = ElementTree.SubElement(suite, "testcase", classname="rag.eval.questions", name=_plain(outcome.id))
        ElementTree.SubElement(case, "error", message=_plain(outcome.error)).text = _plain(outcome.question)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
