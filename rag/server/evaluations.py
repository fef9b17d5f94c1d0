"""Routes for question sets: a run is a job; what came of it is kept in the home, for as many runs as fit there."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from rag.errors import PathError, QuestionFileError, UsageError
from rag.server.access import Caller, Reads, Writes
from rag.server.jobs import Job
from rag.server.problems import RefusedError
from rag.server.schema import EvaluationIn, EvaluationOut, EvaluationsOut
from rag.server.service import Served, Service
from rag.types import Progress

if TYPE_CHECKING:
    from rag.evaluate.runner import Report

router = APIRouter(prefix="/v1", tags=["evaluation"])
MOST_RUNS = 50
"""Runs that are kept; the oldest goes when another one begins."""
_ID = re.compile(r"[0-9a-f]{16}")
_RUN, _QUESTIONS, _OWNER = "run", "questions.jsonl", "owner"
# The report is a page of its own: it may show itself, but reach nothing here.
_SANDBOX = {"Content-Security-Policy": "sandbox allow-scripts; default-src 'unsafe-inline' data:"}


@router.post("/evaluations", response_model=Job, status_code=202)
def start(body: EvaluationIn, service: Served, caller: Writes) -> Response:
    """Ask questions with known answers and score what comes, as a job; what came is at `/v1/evaluations/ID`."""
    lines, run_id = [json.dumps(question) for question in body.questions], secrets.token_hex(8)
    wanted = {"limit": body.limit, "seed": body.seed, "only_retrieval": body.only == "retrieval"}

    def work(tell: Progress) -> dict[str, Any]:
        folder = _folder(service, run_id)
        folder.mkdir(mode=0o700, parents=True)
        _make_room(service)
        (folder / _OWNER).write_text(caller.owner, encoding="utf-8")
        (folder / _QUESTIONS).write_text("\n".join(lines) + "\n", encoding="utf-8")
        report = _run(service, folder, body.collection, tell, wanted | {"skip_invalid": body.skip_invalid})
        return {"evaluation": run_id, "summary": dict(report.summary)}

    job = service.jobs.start("evaluation", work, job_id=run_id, lane="evaluation", owner=caller.owner)
    return JSONResponse(job.to_dict(), 202)


def _run(service: Service, folder: Path, collection: str | None, tell: Progress, options: dict[str, Any]) -> Report:
    from rag.evaluate.runner import Options, run

    try:
        return run(
            service.engine,
            folder / _QUESTIONS,
            collection=collection or service.settings.collection,
            out=folder / _RUN,
            options=Options(**options),
            progress=tell,
        )
    except QuestionFileError as error:
        # What is wrong with each line is in the sentence: the caller has no other way to see it.
        raise UsageError(" ".join([str(error), *error.problems[:20]])) from error


@router.get("/evaluations", response_model=EvaluationsOut)
def evaluations(service: Served, caller: Reads) -> Any:
    """List the caller's runs that are kept, the newest first; with the scope `admin` everybody's."""
    folders = sorted((one for one in _kept(service) if _may_see(caller, one)), key=_age, reverse=True)
    return {"evaluations": [{"id": folder.name, "finished": _is_finished(folder)} for folder in folders]}


@router.get("/evaluations/{evaluation_id}", response_model=EvaluationOut)
def evaluation(evaluation_id: str, service: Served, caller: Reads) -> Any:
    """Return a finished run: its scores, and each question with what became of it."""
    from rag.evaluate.folder import RunFolder

    kept = RunFolder(_finished(service, caller, evaluation_id) / _RUN)
    run = kept.run()
    # Where the files of the server are is nobody's business.
    told = {
        name: run[name] for name in ("settings", "seconds", "notices", "skipped", "documents_not_read") if name in run
    }
    cases = [outcome.to_dict() for outcome in kept.outcomes()]
    return JSONResponse({"id": evaluation_id, "summary": kept.summary(), "run": told, "cases": cases})


@router.get(
    "/evaluations/{evaluation_id}/report",
    response_class=Response,
    responses={200: {"description": "A page.", "content": {"text/html": {"schema": {"type": "string"}}}}},
)
def report(evaluation_id: str, service: Served, caller: Reads) -> Response:
    """Return the report of a finished run as a page."""
    page = (_finished(service, caller, evaluation_id) / _RUN / "report.html").read_text(encoding="utf-8")
    return Response(page, media_type="text/html", headers=_SANDBOX)


@router.delete("/evaluations/{evaluation_id}", status_code=204)
def remove(evaluation_id: str, service: Served, caller: Writes) -> None:
    """Forget a run, also one that was broken off; one that goes on is cancelled at `/v1/jobs/ID` first."""
    if any(job.id == evaluation_id and not job.over for job in service.jobs.list(caller.sees)):
        raise RefusedError(409, "This evaluation goes on; cancel its job first.")
    if not _ID.fullmatch(evaluation_id) or not _may_see(caller, _folder(service, evaluation_id)):
        raise PathError(f"There is no evaluation {evaluation_id!r}.")
    shutil.rmtree(_folder(service, evaluation_id))


def _home(service: Service) -> Path:
    return service.settings.home / "evaluations"


def _folder(service: Service, evaluation_id: str) -> Path:
    return _home(service) / evaluation_id


def _kept(service: Service) -> list[Path]:
    home = _home(service)
    return [folder for folder in home.iterdir() if _ID.fullmatch(folder.name)] if home.is_dir() else []


def _may_see(caller: Caller, folder: Path) -> bool:
    owner = folder / _OWNER
    # One without is of a server that noted none.
    return folder.is_dir() and caller.sees in {None, owner.read_text(encoding="utf-8") if owner.is_file() else None}


def _age(folder: Path) -> tuple[int, str]:
    return folder.stat().st_mtime_ns, folder.name


def _is_finished(folder: Path) -> bool:
    return (folder / _RUN / "summary.json").is_file()


def _finished(service: Service, caller: Caller, evaluation_id: str) -> Path:
    """Return the folder of a run; an id that is none can't lead anywhere else.

    Raises:
        PathError: the caller has no such run, or it is not finished.
    """
    folder = _folder(service, evaluation_id)
    if not _ID.fullmatch(evaluation_id) or not _may_see(caller, folder) or not _is_finished(folder):
        raise PathError(f"There is no finished evaluation {evaluation_id!r}; its job says how far one is.")
    return folder


def _make_room(service: Service) -> None:
    for old in sorted(_kept(service), key=_age)[:-MOST_RUNS]:
        shutil.rmtree(old)
