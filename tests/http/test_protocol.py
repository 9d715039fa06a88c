"""Below the application: what is no HTTP, too slow, or one connection too many is told so in JSON."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from huren.http import body, protocol, server
from tests.http.served import served

START = b"POST /graphql HTTP/1.1\r\nhost: huren\r\n"
NOT_HTTP = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10 + b"\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
    "a space before the colon": b"GET /livez HTTP/1.1\r\nhost : x\r\n\r\n",
    "a folded first header": b"GET /livez HTTP/1.1\r\n host: x\r\n\r\n",
    "a control character": b"GET /livez HTTP/1.1\r\nhost: x\r\na: \x00\r\n\r\n",
    "two lengths": START + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
    "a negative length": START + b"content-length: -1\r\n\r\n",
    "a length that is no number": START + b"content-length: ten\r\n\r\n",
    "an unknown coding": START + b"transfer-encoding: gzip, chunked\r\n\r\n",
}


@pytest.fixture(scope="module")
def port(bare: Starlette) -> Iterator[int]:
    """Where the application listens."""
    with served(bare) as url:
        yield int(url.rpartition(":")[2])


def exchange(port: int, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what comes back for ``sent`` until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        with suppress(ConnectionError):
            line.sendall(sent)
        return answer(line)


def answer(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    got = b""
    try:
        while chunk := line.recv(65_536):
            got += chunk
    except ConnectionError:
        pass
    head, _, content = got.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return int(first.split(" ")[1]), {k.lower(): v for k, v in (h.split(": ", 1) for h in rest)}, content


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_no_http_is_400_in_json(port: int, name: str) -> None:
    status, headers, content = exchange(port, NOT_HTTP[name])
    assert status == 400
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert json.loads(content)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


TOO_LARGE = {
    "headers": START + b"".join(b"x%d: %s\r\n" % (n, b"y" * 500) for n in range(600)) + b"\r\n",
    "a target": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    "a header": START + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_no_more_headers_are_kept_than_one_read_brings(port: int, name: str) -> None:
    try:
        status, headers, content = exchange(port, TOO_LARGE[name])
    except IndexError:  # it hung up while we were still sending
        return
    assert status == 400
    assert headers["content-type"].startswith("application/json")
    assert json.loads(content)["errors"]


def test_who_asks_for_another_protocol_is_answered_in_this_one(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"GET /livez HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n\r\n"
    assert exchange(port, head)[0] == 200
    assert not caplog.records


def test_headers_that_do_not_come_end_the_connection(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.3)
    for sent in (b"", b"POST /graphql HTTP/1.1\r\nhost:"):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(sent)
            began = time.monotonic()
            assert line.recv(1) == b""
            assert time.monotonic() - began < 10


def test_headers_that_drip_end_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.settimeout(0.05)
        line.sendall(START)
        for _ in range(100):
            try:
                line.sendall(b"x: y\r\n")
                if line.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    raise AssertionError("it waits for ever")


def test_a_body_that_does_not_come_is_408(port: int, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SECONDS", 0.3)
    head = START + f"authorization: Bearer {token}\r\n".encode() + b"content-type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head + b"connection: close\r\ncontent-length: 30\r\n\r\n" + b"{")
        status, headers, content = answer(line)
    assert status == 408
    assert headers["content-type"].startswith("application/json")
    assert json.loads(content)["errors"][0]["extensions"]["code"] == "BODY_TOO_SLOW"


@pytest.mark.parametrize("path", [b"/graphql", b"/oauth/token"])
def test_who_sends_all_of_a_large_body_before_it_reads_hears_why(port: int, token: str, path: bytes) -> None:
    head = START.replace(b"/graphql", path) + b"connection: close\r\n"
    if path == b"/graphql":
        head += f"authorization: Bearer {token}\r\ncontent-type: application/json\r\n".encode()
    else:
        head += b"content-type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head + b"content-length: %d\r\n\r\n" % (8 << 20) + b" " * (8 << 20))
        status, headers, content = answer(line)
    assert status == 413
    assert headers["content-type"].startswith("application/json")
    assert json.loads(content)


def test_one_connection_too_many_is_503_in_json(bare: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)
    with served(bare) as url:
        port = int(url.rpartition(":")[2])
        others = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
        time.sleep(0.3)
        status, headers, content = exchange(port, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        for other in others:
            other.close()
        assert (status, headers["retry-after"]) == (503, "1")
        assert headers["content-type"].startswith("application/json")
        assert json.loads(content)["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        time.sleep(0.3)
        again = exchange(port, b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert (again[0], json.loads(again[2])) == (200, {"status": "alive"})


class Large:
    """An application whose one answer is far more than any buffer between it and its reader holds."""

    CHUNK = b"x" * 65_536

    def __init__(self, chunks: int) -> None:
        self.chunks, self.given_up = chunks, threading.Event()

    async def answer(self, _: Request) -> StreamingResponse:
        """All of it, unless nobody reads."""
        return StreamingResponse(self._parts())

    async def _parts(self) -> AsyncIterator[bytes]:
        try:
            for _ in range(self.chunks):
                yield self.CHUNK
        finally:
            self.given_up.set()


@pytest.fixture
def reader() -> Iterator[socket.socket]:
    """A client with a small window."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
        line.settimeout(20)
        yield line


def test_an_answer_that_nobody_reads_holds_no_worker(
    reader: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SEND_SECONDS", 0.8)
    large = Large(4_000)
    with served(Starlette(routes=[Route("/", large.answer)])) as url:
        reader.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        reader.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert not large.given_up.wait(0.3)
        assert large.given_up.wait(20)
        assert whole(reader) < large.chunks * len(large.CHUNK)


@pytest.mark.slow
def test_an_answer_that_is_read_slowly_comes_whole(
    reader: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SEND_SECONDS", 3.0)
    large = Large(60)
    with served(Starlette(routes=[Route("/", large.answer)])) as url:
        reader.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        reader.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        began = time.monotonic()
        assert whole(reader, pause=0.01) >= large.chunks * len(large.CHUNK)
        assert time.monotonic() - began > protocol.SEND_SECONDS


def whole(line: socket.socket, pause: float = 0.0) -> int:
    """Bytes that come until the connection ends."""
    got = 0
    with suppress(ConnectionError):
        while chunk := line.recv(65_536):
            got += len(chunk)
            time.sleep(pause)
    return got


def test_what_comes_late_on_a_new_connection_is_answered_before_the_end(
    bare: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOOKS", 50)
    with ExitStack() as stack:
        with served(bare) as url:
            port = int(url.rpartition(":")[2])
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            time.sleep(0.3)
            threading.Timer(0.7, line.sendall, [b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"]).start()
        assert answer(line)[0] == 200
