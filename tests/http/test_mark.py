"""The page behind a mark: what it shows, to everybody, and what it never shows."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import quote
from uuid import uuid4

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from huren.app import create_app
from huren.errors import Unavailable
from huren.graph.certifying import record_status, register
from huren.graph.database import Database
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.writing import Write, write_once
from huren.http.replies import SECURITY_HEADERS
from huren.mappings.catalogue import demonstration
from huren.mappings.decide import Recogniser
from huren.mappings.decision import Decision
from huren.resolvers.context import Exchange
from tests.conftest import Calls
from tests.http.conftest import Caller

DEMO = next(c for c in demonstration() if c.number == "DEMO-CFP-PV-1")
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
LONG = replace(
    DEMO,
    product=None,
    next_surveillance=None,
    illustrative=False,
    events=(),
    issued=date(2025, 1, 1),
    valid_until=date(2099, 12, 31),
)


@dataclass
class Clock:
    """What time it is for the page."""

    now: datetime = JUNE


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
async def demo(demo: Caller, exchange: Exchange, clock: Clock) -> AsyncIterator[Caller]:
    """The demonstration on the first of June 2026."""
    app = create_app(replace(exchange, clock=lambda: clock.now))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://huren.test") as client:
        yield Caller(client, demo.keys, demo.token)


async def put(exchange: Exchange, **changes: object) -> Certificate:
    """A certificate like the demonstration's that stands for long, on record under its own number."""
    certificate = replace(LONG, **({"number": f"M-{uuid4().hex}"} | changes))
    await write_once(exchange.database, Write("admin", "test", uuid4().hex, "put", {}), register(certificate))
    return certificate


async def change(exchange: Exchange, certificate: Certificate, state: CertificateState) -> None:
    event = StatusEvent(state=state, valid_from=date(2026, 1, 1), source="test")
    effect = record_status(certificate.number, event)
    await write_once(exchange.database, Write("admin", "test", uuid4().hex, "change", {}), effect)


async def page(caller: Caller, number: str, method: str = "GET", **headers: str) -> Response:
    """What somebody without a token gets."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await caller.client.request(method, f"/mark/{quote(number)}", headers=sent)


class Tags(HTMLParser):
    """The tags of a page, in order, which must be well nested."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_shows_the_public_facts_in_both_languages(demo: Caller) -> None:
    answer = await page(demo, "DEMO-CFP-PV-1")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    zh, en = answer.text.split('<section lang="en">')
    for text in (
        "552.06",
        "kg CO2e/kW",
        "光伏组件",
        "原材料获取、生产",
        "AR6",
        "2027-09-14",
        "国家统一制度",
        "示例数据",
        "北京市",
    ):
        assert text in zh, text
    for text in (
        "552.06",
        "c-Si PV module",
        "raw materials, production",
        "2027-09-14",
        "Illustrative",
        "Beijing",
        "recognised",
    ):
        assert text in en, text
    for number in (r"20\d\d-\d\d-\d\d", "91120116MADEM002X4"):
        assert re.search(number, zh)


async def test_never_shows_what_is_not_public(demo: Caller) -> None:
    text = (await page(demo, "DEMO-CFP-PV-1")).text
    secrets = (
        "509.21",
        "42.85",
        "144.89",
        "69.85",
        "517.28",
        "0.5777",
        "0.35",
        "1.05",
        "EL_CN24",
        "120116-1",
    )
    assert not [secret for secret in secrets if secret in text]


async def test_recognised_are_those_that_recognise_says(demo: Caller, admin: Caller) -> None:
    text = (await page(demo, "DEMO-CFP-PV-1")).text.split('<section lang="en">')[1]
    shown = re.findall(r"<li>.*?\(([A-Z0-9-]+)\) <span>", text)
    query = """query($d: String!) { recognise(certificate: "DEMO-CFP-PV-1", destination: $d,
      purpose: CONSUMER_DISPLAY, asOf: "2026-06-01T00:00:00Z") { standing { outcome } } }"""
    for place in [*shown, "FR-PPE2", "EPEAT-PV"]:
        body = await admin.ask(query, {"d": place})
        standing = body["data"]["recognise"]["standing"]["outcome"]
        assert (standing in ("EQUAL", "CONVERTIBLE")) is (place in shown), place
    assert "CN-BJ" in shown


async def test_the_language_asked_for_comes_first(demo: Caller) -> None:
    zh, en = [await page(demo, "DEMO-CFP-PV-1", accept_language=lang) for lang in ("zh", "en-GB,zh;q=0.5")]
    assert '<html lang="zh-CN">' in zh.text
    assert '<html lang="en">' in en.text
    assert zh.text.index('lang="zh-CN"><p') < zh.text.index('<section lang="en">')
    assert en.text.index('<section lang="en">') < en.text.index('lang="zh-CN"><p')
    assert zh.headers["etag"] != en.headers["etag"]
    assert zh.headers["vary"] == "accept-language"


async def test_is_plain_and_lets_nothing_in(demo: Caller) -> None:
    for answer in (await page(demo, "DEMO-CFP-PV-1"), await page(demo, "none")):
        tags = Tags(answer.text).found
        assert {tag for tag, _ in tags} <= {
            *("html", "head", "meta", "title", "style", "body", "main", "section", "p", "h1", "h2"),
            *("dl", "dt", "dd", "ul", "li", "span", "small", "footer"),
        }
        assert not [name for _, attributes in tags for name in attributes if name in ("style", "href", "src")]
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = b64encode(sha256(style.encode()).digest()).decode()
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        own = ("cache-control", "content-security-policy")
        assert {k: v for k, v in SECURITY_HEADERS.items() if k not in own}.items() <= dict(
            answer.headers
        ).items()


@pytest.mark.parametrize(
    "number",
    [
        "2026/沪/0001",
        "<script>alert(1)</script>",
        "a b&c\"d'e",
        "$title ${style}",
        "%2F..%2F",
        "..",
        "甲" * 60,
    ],
)
async def test_any_number_is_found_and_harmless(demo: Caller, exchange: Exchange, number: str) -> None:
    absent = await page(demo, number)
    assert absent.status_code == 404
    Tags(absent.text)
    assert "<script" not in absent.text
    name = f"{number}{uuid4().hex}"
    await put(exchange, number=name, model="<b onclick=x>")
    answer = await page(demo, name)
    assert answer.status_code == 200
    Tags(answer.text)
    assert "<script" not in answer.text
    assert "<b " not in answer.text


async def test_a_mark_number_finds_its_certificate(demo: Caller, exchange: Exchange) -> None:
    mark = f"CN/{uuid4().hex}"
    one = await put(exchange, mark_number=mark)
    answer = await page(demo, mark)
    assert answer.status_code == 200
    assert f"<h1>{one.number}</h1>" in answer.text
    await put(exchange, mark_number=mark)
    assert (await page(demo, mark)).status_code == 404  # on two certificates, it shows neither


STATES = {
    CertificateState.SUSPENDED: ("暂停", "suspended"),
    CertificateState.WITHDRAWN: ("已撤销", "withdrawn"),
    CertificateState.DISPUTED: ("存在争议", "disputed"),
}


@pytest.mark.parametrize("state", STATES)
async def test_the_state_is_shown_and_a_dispute_freezes_the_value(
    demo: Caller, exchange: Exchange, state: CertificateState
) -> None:
    one = await put(exchange, value=Decimal("987.65"))
    assert "987.65" in (await page(demo, one.number)).text
    await change(exchange, one, state)
    text = (await page(demo, one.number)).text
    assert all(f">{name}</p>" in text for name in STATES[state])
    frozen = state is CertificateState.DISPUTED
    assert ("987.65" in text) is not frozen
    assert ("暂停展示" in text) is frozen
    assert ("Recognised today" in text) is not frozen


async def test_an_expired_one_says_so(demo: Caller, exchange: Exchange) -> None:
    one = await put(exchange, valid_until=date(2025, 12, 31))
    text = (await page(demo, one.number)).text
    assert ">已过期</p>" in text
    assert ">expired</p>" in text
    assert "No region or scheme recognises it today." in text


async def test_one_that_states_no_value_says_so(demo: Caller, exchange: Exchange) -> None:
    one = await put(exchange, value=None, stages=None, gwp_sets=None, category=None, codes=())
    answer = await page(demo, one.number)
    assert answer.status_code == 200
    assert "证书未载明数值" in answer.text


async def test_head_and_conditional_requests(demo: Caller) -> None:
    got = await page(demo, "DEMO-CFP-PV-1")
    head = await page(demo, "DEMO-CFP-PV-1", "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(got.content)
    assert got.headers["cache-control"] == "public, max-age=60"
    assert got.headers["etag"] == head.headers["etag"]
    for tag in (got.headers["etag"], f'"x", W/{got.headers["etag"]}', "*"):
        fresh = await page(demo, "DEMO-CFP-PV-1", if_none_match=tag)
        assert (fresh.status_code, fresh.content) == (304, b"")
    assert (await page(demo, "DEMO-CFP-PV-1", if_none_match='"x"')).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_is_for_reading_alone(demo: Caller, method: str) -> None:
    answer = await page(demo, "DEMO-CFP-PV-1", method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("number", ["nothing", "", " ", "x" * 201, "\x00", "x/y/z"])
async def test_what_is_not_there_says_what_to_do(demo: Caller, number: str) -> None:
    answer = await page(demo, number)
    assert answer.status_code == 404
    assert "请核对" in answer.text
    assert "Check the number" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_database_that_is_down_says_when_to_come_again(
    demo: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> None:
        raise Unavailable("password=hunter2", "数据库")

    monkeypatch.setattr(Database, "read", down)
    answer = await page(demo, "DEMO-CFP-PV-1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["cache-control"] == "no-store"
    assert "hunter2" not in answer.text
    monkeypatch.undo()
    assert (await page(demo, "DEMO-CFP-PV-1")).status_code == 200


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The decisions that pages were computed from, as they are made."""
    asked: list[str] = []
    answer = Recogniser.answer

    def counted(recogniser: Recogniser, number: str, destination: str) -> Decision:
        asked.append(destination)
        return answer(recogniser, number, destination)

    monkeypatch.setattr(Recogniser, "answer", counted)
    return asked


async def test_a_crowd_costs_one_computation(
    demo: Caller, exchange: Exchange, computed: list[str], calls: Calls
) -> None:
    one = await put(exchange)
    calls.reset()
    await page(demo, one.number)
    once, queries = len(computed), calls.reset()
    assert once == len(set(computed)) > 0
    assert queries <= 5
    for _ in range(20):
        await page(demo, one.number)
    assert len(computed) == once
    assert calls.reset() == 20  # the revision, which says whether the page is still so
    await change(exchange, one, CertificateState.SUSPENDED)
    assert ">suspended</p>" in (await page(demo, one.number)).text
    assert len(computed) == 2 * once


async def test_a_page_is_kept_for_a_minute(
    demo: Caller, exchange: Exchange, clock: Clock, computed: list[str]
) -> None:
    one = await put(exchange)
    await page(demo, one.number)
    once = len(computed)
    clock.now += timedelta(seconds=59)
    await page(demo, one.number)
    assert len(computed) == once
    clock.now += timedelta(seconds=1)
    await page(demo, one.number)
    assert len(computed) == 2 * once
