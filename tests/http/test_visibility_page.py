"""What docs/visibility.md says is so: its requests run in order, each as whom it says."""

from __future__ import annotations

import re

from huren.graph.model.access import FieldClass
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask
from tests.http.test_docs import DOCS, requests
from tests.http.test_exports import INVENTORY, PRODUCT, key, organisation

PAGE = (DOCS / "visibility.md").read_text(encoding="utf-8")


async def test_every_request_of_the_page_runs(admin: Caller) -> None:
    scopes = ("certificate:write", "release:write", "product:read", "product:write", "query:adhoc")
    await organisation(admin, "doc-works", "CN", "CN-HE")
    owner = admin.minted("doc-works", *scopes)
    buyer = await organisation(admin, "doc-buyer", "DE", None)
    province = await organisation(admin, "doc-hebei", "CN", "CN-HE", "PROVINCE")
    i = {"idempotencyKey": key(), "code": "doc-steel", "name": {"en": "steel"}, "declaredUnit": "kg"}
    await ask(owner, PRODUCT, i={**i, "category": "steel", "region": "CN-HE"})
    emissions = [{"gas": "CO2", "kg": "2", "stage": "PRODUCTION"}]
    i = {"idempotencyKey": key(), "product": "doc-steel", "emissions": emissions, "unlinked": []}
    await ask(owner, INVENTORY, i=i)
    asked = requests("visibility.md")
    assert len(asked) == 7
    callers = [owner, owner, owner, province, owner, owner, buyer]
    answers = [
        await ask(caller, query, **given) for caller, (query, given) in zip(callers, asked, strict=True)
    ]
    assert answers[0]["publishRelease"]["release"]["release"]["value"] == "2.00"
    assert answers[1]["grantAccess"]["grant"]["purposes"] == ["CHAIN_INPUT"]
    [waiting] = answers[3]["exportApprovals"]["nodes"]
    assert waiting["id"] == answers[2]["requestExport"]["export"]["id"]
    why = {one["field"]: [ground["code"] for ground in one["grounds"]] for one in answers[5]["access"]}
    assert why["RECIPE"] == ["approval_needed", "granted"]
    assert why["RELEASE"] == ["disputed"]
    assert answers[6]["statistics"]["suppressed"] == "TOO_FEW"


def test_the_classes_of_fields_are_those_of_the_page() -> None:
    assert re.findall(r"^\| `([A-Z]+)` \|", PAGE, re.MULTILINE) == [field.name for field in FieldClass]
