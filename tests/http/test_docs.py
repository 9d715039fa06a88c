"""What the pages on the API say is so: their requests run, their tables are complete."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import huren
from huren.auth.scopes import SCOPES
from huren.errors import HurenError
from huren.http.body import MOST_BYTES
from huren.schema.execution import DEADLINE
from huren.schema.failures import SAYS
from huren.schema.limits import LIMITS
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask

DOCS = Path(__file__).parents[2] / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
REQUEST = re.compile(r"```graphql\n(.*?)```(?:\n\n```json\n(.*?)```)?", re.DOTALL)


def requests(page: str) -> list[tuple[str, dict[str, Any]]]:
    """The documents of a page with their variables, in order."""
    found = REQUEST.findall((DOCS / page).read_text(encoding="utf-8"))
    return [(query, json.loads(variables or "{}")) for query, variables in found]


async def test_every_request_of_the_page_runs(demo: Caller) -> None:
    asked = requests("api.md")
    assert len(asked) == 6
    answers = [await ask(demo, query, **given) for query, given in asked]
    assert round(float(answers[0]["rollUp"]["total"]["value"]), 2) == round(2 * 552.058688, 2)
    amounts = {i["supplier"]["code"]: i["amount"] for i in answers[4]["putInputs"]["product"]["inputs"]}
    assert amounts == {"HRC": "8.5", "EL_CN24": "10"}


async def test_every_request_of_the_task_pages_runs(demo: Caller) -> None:
    footprint, drawn, several, moved = [
        await ask(demo, query, **given) for query, given in requests("roll-up.md")
    ]
    assert round(float(footprint["rollUp"]["total"]["value"]), 2) == 552.06
    assert footprint["rollUp"]["accuracy"]["certified"]
    total, picture = drawn["rollUp"]["total"]["value"], drawn["rollUp"]["diagram"]
    assert float(picture["nodes"][0]["value"]) == pytest.approx(float(total))
    assert len(picture["nodes"]) == 13
    assert [part["tier"] for part in drawn["rollUp"]["byTier"]] == [0, 1, 2, 3, None]
    assert several["rollUps"][0]["total"] == {"value": footprint["rollUp"]["total"]["value"]}
    assert len(moved["moved"]["moved"]) == 5 < moved["moved"]["count"]
    made, ranked = [await ask(demo, query, **given) for query, given in requests("what-if.md")]
    assert float(made["whatIf"]["difference"]["value"]) < 0
    assert ranked["alternatives"]["ranked"][0]["product"]["code"] == "EL_WIND"
    [sure, lower] = [await ask(demo, query, **given) for query, given in requests("uncertainty.md")]
    assert sure["rollUp"]["uncertainty"]["simulation"]["agrees"]
    assert [one["verdict"] for one in lower.values()] == ["LOWER", "NOT_DISTINGUISHABLE"]
    [sound, resting] = [await ask(demo, query, **given) for query, given in requests("quality.md")]
    assert sound["rollUp"]["quality"]["unstatedShare"] == "1"
    assert sound["rollUp"]["benchmark"]["suppressed"] == "TOO_FEW"
    assert resting["dependants"]["count"] > 5
    standing, table, *_ = [await ask(demo, query, **given) for query, given in requests("recognition.md")]
    assert standing["recognise"]["technical"]["value"]["value"].startswith("545.26")
    assert {"id": "CN-BJ"} in table["recognitionMatrix"]["destinations"]


async def test_every_request_of_the_statements_page_runs(demo: Caller) -> None:
    asked = requests("statements.md")
    assert len(asked) == 6
    answers = [await ask(demo, query, **given) for query, given in asked]
    assert answers[0]["putAgreement"]["agreement"]["facts"]["steps"] == [
        {"id": "notice", "says": {"zh": "告知接受方"}}
    ]
    assert answers[2]["registerCertificate"]["certificate"]["events"] == [
        {"state": "VALID", "validFrom": "2026-02-01"}
    ]
    assert answers[3]["recordFulfilment"]["certificate"]["facts"]["fulfilments"][0]["state"] == "MET"
    told = [(node["kind"], node["ids"]) for node in answers[5]["changes"]["nodes"]]
    assert ("SANCTION_STATED", ["PENALTY-1"]) in told
    assert told.count(("CERTIFICATE_STATUS", ["DOC-1"])) == 2


async def test_every_request_of_the_negotiator_s_page_runs(demo: Caller) -> None:
    drafts, compared = [await ask(demo, query, **given) for query, given in requests("negotiating.md")]
    found = drafts["whatIfRecognised"]
    assert (found["recognised"], found["best"], found["complete"]) == (0, ["results to both"], True)
    assert [(e["recognised"], e["gained"], e["lost"]) for e in found["effects"]] == [
        (0, 0, 0),
        (1, 1, 0),
        (2, 2, 0),
    ]
    assert found["effects"][1]["changes"][0]["destination"] == "CN-BJ"
    assert compared["recognise"]["comparison"]["verdict"] == "UNKNOWN"
    assert compared["recognise"]["findings"][-1]["missing"] == ["ours.uncertainty_gsd"]


def test_the_scopes_are_those_of_the_page() -> None:
    rows = dict(re.findall(r"^\| `([a-z:]+)` \| (.*) \|$", API, re.MULTILINE))
    assert rows == {name: says.en for name, says in SCOPES.items()}


def test_the_limits_are_those_of_the_page() -> None:
    rows = dict(re.findall(r"^\| ?([^|]+?) ?\| ?([^|]+?) ?\|$", API.partition("## Limits")[2], re.MULTILINE))
    rows = {what: most for what, most in rows.items() if what not in {"what", "---"}}
    assert rows == {
        "body": f"{MOST_BYTES // 2**20} MiB",
        "characters of a document": f"{LIMITS.characters:,}",
        "tokens": f"{LIMITS.tokens:,}",
        "comments": f"{LIMITS.comments}",
        "lines": f"{LIMITS.lines:,}",
        "operations": f"{LIMITS.operations}",
        "levels of fields (under `__schema`)": f"{LIMITS.depth} ({LIMITS.introspection_depth})",
        "levels of nesting, fragments followed": f"{LIMITS.nesting}",
        "fields, fragments followed": f"{LIMITS.fields}",
        "selections, fragments followed": f"{LIMITS.selections:,}",
        "aliases": f"{LIMITS.aliases}",
        "directives": f"{LIMITS.directives}",
        "pairs of fields to merge": f"{LIMITS.merge_pairs}",
        "cost: fields, each times the items of the lists around it": f"{LIMITS.cost:,}",
        "cost of introspection (beside data)": f"{LIMITS.introspection:,} ({LIMITS.beside:,})",
        "values in `variables`; objects and lists in a body": f"{LIMITS.values:,}",
        "levels of nesting in a value": f"{LIMITS.value_nesting}",
        "digits of a number in a document": f"{LIMITS.digits}",
        "errors in an answer": f"{LIMITS.errors}",
        "time": f"{DEADLINE:g} s",
    }


def errors(kind: type[HurenError] = HurenError) -> Iterator[type[HurenError]]:
    """Every kind of error that the package has."""
    yield kind
    for inner in kind.__subclasses__():
        yield from errors(inner)


def test_every_code_is_on_the_page() -> None:
    for module in pkgutil.walk_packages(huren.__path__, "huren."):
        importlib.import_module(module.name)
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (DOCS / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    ours = {kind.code for kind in errors() if kind.__module__.startswith("huren")}
    assert sorted(listed) == sorted(ours | set(SAYS))
