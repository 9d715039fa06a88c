"""What the pages on reading a decision, screening and the public mark say is so: their requests run."""

from __future__ import annotations

import re

from huren.mappings.evidence import Evidence
from huren.mappings.remedies import RemedyKind
from huren.resolvers.screening import MOST_APPLICANTS, MOST_CERTIFICATES
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask
from tests.http.test_docs import DOCS, requests


def listed(page: str, heading: str) -> list[str]:
    """The names in the first column of the table under ``heading`` of ``page``."""
    table = (DOCS / page).read_text(encoding="utf-8").partition(heading)[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


async def test_the_request_on_reading_a_decision(demo: Caller) -> None:
    ((query, given),) = [r for r in requests("recognition.md") if "remedies" in r[0]]
    answer = (await ask(demo, query, **given))["recognise"]
    assert given["c"] in answer["explanation"]
    assert given["c"] in answer["inEnglish"]
    assert answer["evidence"] == "ACCOUNTED"
    found = answer["remedies"]
    assert found["possible"] is all(item["kind"] != "BEYOND" for item in found["items"])
    assert all(item["says"] for item in found["items"])
    assert set(listed("recognition.md", "| `kind` |")) == set(RemedyKind)


async def test_the_request_of_the_screening_page(demo: Caller) -> None:
    [(query, given)] = requests("screening.md")
    answer = (await ask(demo, query, **given))["screen"]
    assert [row["applicant"] for row in answer["rows"]] == given["applicants"]
    assert [row["kind"] for row in answer["rows"]] == ["FIRM", "CERTIFICATE", "FIRM", "UNKNOWN"]
    assert answer["rows"][2]["certificates"] == []
    assert "自愿" in answer["rows"][3]["missing"][0]
    assert set(listed("screening.md", "| `evidence` |")) == set(Evidence)
    page = (DOCS / "screening.md").read_text(encoding="utf-8")
    assert f"more than {MOST_APPLICANTS:,} applicants" in page
    assert f"more than {MOST_CERTIFICATES:,} certificates" in page


async def test_the_address_of_the_page_on_marks(demo: Caller) -> None:
    text = (DOCS / "mark.md").read_text(encoding="utf-8")
    (path,) = re.findall(r"^GET (/\S+)$", text, re.MULTILINE)
    answer = await demo.client.get(path)
    assert answer.status_code == 200
    assert "DEMO-CFP-PV-1" in answer.text
    answers = {"200": path, "404": "/mark/2026/沪/0001"}
    for status, address in answers.items():
        assert str((await demo.client.get(address)).status_code) == status
        assert f"| {status} |" in text
