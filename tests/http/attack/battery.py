"""The attacks, as data: what is sent, and which statuses are right."""
# ruff: noqa: E501  (an attack is a line)

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.http.test_bodies import BAD_BODIES, MANY, many
from tests.http.test_trusted import SENT
from tests.schema.test_limits import BOMBS, all_in_all, fan_out

OK, REFUSED = frozenset({200}), frozenset({400})


@dataclass(frozen=True)
class Attack:
    """One request. ``statuses`` are those that are right; under plain JSON a refused document is 200."""

    name: str
    body: bytes | None = b'{"query": "{ __typename }"}'
    path: str = "/graphql"
    method: str = "POST"
    headers: dict[str, str | None] = field(default_factory=dict)
    statuses: frozenset[int] = OK
    refused: bool = False


def asked(query: str, variables: object = None, **rest: object) -> bytes:
    return json.dumps({"query": query, "variables": variables, **rest}).encode()


def attacks(token: str) -> Iterator[Attack]:
    """All of them, against a service where ``token`` is good."""
    yield from dos()
    yield from http()
    yield from malformed()
    yield from disclosure()
    yield from auth(token)
    yield from persisted()


WIDE = " ".join(f"a{n}: regions {{ id name within {{ region }} }}" for n in range(28))
EXTRA_BOMBS: dict[str, str] = {
    "fan-out 2^28": fan_out(28),
    "fan-out on types": fan_out(20, "rules { scheme { rules { scheme { id } } } }"),
    "cycle of one": "{ ...f } fragment f on Query { ...f }",
    "cycle of two": "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }",
    "cycle through a field": "{ ...f } fragment f on Query { schemes { ...g } } fragment g on Scheme { rules { scheme { ...g } } }",
    "chain of 300": "{ ...f0 } "
    + " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(300))
    + " fragment f300 on Query { __typename }",
    "all in all, 40": all_in_all(40),
    "introspection twice": "{ a: __schema { types { fields { type { fields { name } } } } }"
    + " b: __schema { types { fields { type { fields { name } } } } }"
    + " c: __schema { types { fields { args { type { inputFields { name } } } } } }"
    + " d: __schema { types { fields { type { fields { type { name } } } } } }"
    + " e: __schema { types { fields { type { fields { type { name } } } } } } }",
    "introspection beside data": "{ schemes { id } __schema { types { fields { type { fields { name } } } } } }",
    "deep list literal": "{ product(id: " + "[" * 300 + '"a"' + "]" * 300 + ") { id } }",
    "deep object literal": "{ products(first: 1, filter: "
    + "{category: " * 200
    + '"a"'
    + "}" * 200
    + ") { totalCount } }",
    "long string": '{ product(id: "' + "a" * 90_000 + '") { id } }',
    "long block string": '{ product(id: """' + "\n " * 40_000 + '""") { id } }',
    "long number": "{ products(first: " + "9" * 50_000 + ") { totalCount } }",
    "long exponent": "{ products(first: 1e" + "9" * 5_000 + ") { totalCount } }",
    "many variables in lists": "query("
    + " ".join(f"$v{n}: [[[[ID]]]]" for n in range(200))
    + ") { __typename }",
    "deep type": "query($v: " + "[" * 900 + "ID" + "]" * 900 + ") { __typename }",
    "directive on all": "{ " + " ".join(f"a{n}: __typename @skip(if: false)" for n in range(60)) + " }",
    "inline fragments, wide": "{ " + "... { __typename } " * 400 + "}",
    "errors of unknown fields": "{ " + " ".join(f"schems{n} {{ x }}" for n in range(140)) + " }",
    "errors of unknown arguments": "{ schemes(" + " ".join(f"x{n}: 1" for n in range(600)) + ") { id } }",
    "errors of unknown fragments": "{ " + " ".join(f"...f{n}" for n in range(600)) + " }",
    "unused fragments": "{ __typename } "
    + " ".join(f"fragment f{n} on Query {{ __typename }}" for n in range(200)),
}
WITHIN: dict[str, str] = {
    "wide": "{ " + WIDE + " }",
    "all schemes with all rules": "{ schemes { id name rules { id } } rules { id scheme { id name } } }",
    "a hundred products with suppliers": "{ products(first: 100) { nodes { id inputs { amount supplier { code } } } } }",
    "introspection": "{ __schema { types { name fields { name type { name ofType { name } } } } } }",
}


def dos() -> Iterator[Attack]:
    for name, text in {**BOMBS, **EXTRA_BOMBS}.items():
        yield Attack(f"dos {name}", asked(text), refused=True)
    for name, text in WITHIN.items():
        yield Attack(f"dos within {name}", asked(text))
    for size in (2, 8):
        yield Attack(f"dos {size} MB", b" " * (size << 20), statuses=frozenset({413}))
    yield Attack("dos 8 MB of query", asked("{ " + "a" * (8 << 20) + " }"), statuses=frozenset({413}))
    yield Attack(
        "dos gzip bomb",
        gzip.compress(b" " * 20_000_000),
        headers={"content-encoding": "gzip"},
        statuses=frozenset({415}),
    )
    yield Attack("dos batch", b"[" + b",".join([asked("{ __typename }")] * 1_000) + b"]", statuses=REFUSED)
    yield Attack("dos deep JSON", b"[" * 400_000, statuses=REFUSED)
    for name in MANY:
        yield Attack(f"dos {name}", many(name), statuses=REFUSED)
    deep = b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}"
    yield Attack("dos deep variables", deep, refused=True)
    yield Attack("dos wide variables", asked("{ __typename }", {"a": [0] * 200_000}), refused=True)
    ids = "query($a: [ID!]!) { rollUps(products: $a) { total { value } } }"
    yield Attack("dos wide list", asked(ids, {"a": ["PVMOD"] * 40_000}), refused=True)
    yield Attack(
        "dos long id", asked("query($a: ID!) { product(id: $a) { id } }", {"a": "x" * 900_000}), refused=True
    )
    yield Attack(
        "dos long operation name", asked("{ __typename }", operationName="x" * 900_000), refused=True
    )
    yield Attack("dos long Accept", headers={"accept": "application/json;q=0.1," * 600})
    yield Attack("dos long Accept-Language", headers={"accept-language": "a;q=0.1," * 1_500})


def http() -> Iterator[Attack]:
    no = frozenset({405})
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"):
        yield Attack(f"http {method}", None, method=method, statuses=no)
    for query in ("{__typename}", "mutation{x}", "query{products(first:1){totalCount}}"):
        path = "/graphql?query=" + query.replace("{", "%7B").replace("}", "%7D")
        yield Attack(f"http GET {query}", None, path, "GET", statuses=no)
    kinds = (
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
        "application/graphql", "application/json; charset=utf-16", "application/json, text/plain", "", "json",
        "application/jsonp", "text/json", None,
    )  # fmt: skip
    for kind in kinds:
        yield Attack(f"http type {kind}", headers={"content-type": kind}, statuses=frozenset({415}))
    for coding in ("gzip", "br", "deflate", "gzip, identity", "x"):
        yield Attack(f"http coding {coding}", headers={"content-encoding": coding}, statuses=frozenset({415}))
    for accept in ("text/html", "image/*", "application/json;q=0", "x", ";;;"):
        yield Attack(f"http accept {accept}", headers={"accept": accept}, statuses=frozenset({406}))
    for origin in ("https://evil.example", "null", "http://localhost"):
        yield Attack(f"http origin {origin}", headers={"origin": origin})
        asks = {"origin": origin, "access-control-request-method": "POST"}
        yield Attack(f"http preflight {origin}", None, method="OPTIONS", headers={**asks}, statuses=no)
    socket = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"}
    yield Attack("http websocket", None, method="GET", headers={**socket}, statuses=no)
    for path in (
        "/graphiql",
        "/playground",
        "/.env",
        "/graphql/",
        "/admin",
        "/%2e%2e/etc/passwd",
        "/graphql%00",
        "/x?y",
    ):
        found = frozenset({404, 400})
        yield Attack(f"http path {path}", None, path, "GET", statuses=found)
    spoofed = {"x-forwarded-for": "127.0.0.1", "x-original-url": "/admin", "x-http-method-override": "GET"}
    yield Attack("http spoofed", headers={**spoofed})
    yield Attack(
        "http cookie instead", headers={"authorization": None, "cookie": "token=x"}, statuses=frozenset({401})
    )


def malformed() -> Iterator[Attack]:
    for name, body in BAD_BODIES.items():
        yield Attack(f"malformed {name}", body, statuses=REFUSED)
    for value in ("1", "[]", "true", '"x"', "1.5", "{}"):
        for member in ("query", "operationName", "variables", "extensions", "documentId"):
            whole = {"query": '"{ __typename }"', member: value}
            body = "{" + ", ".join(f'"{k}": {v}' for k, v in whole.items()) + "}"
            yield Attack(f"malformed {member} {value}", body.encode(), statuses=frozenset({200, 400}))
    product = "query($a: ID!, $n: Int = 1) { product(id: $a) { id } products(first: $n) { totalCount } }"
    for name, given in {
        "absent": {}, "null": {"a": None}, "object": {"a": {}}, "list": {"a": [1]}, "true": {"a": True},
        "float": {"a": 1.5}, "large": {"a": "x", "n": 2**62}, "negative": {"a": "x", "n": -1},
        "text": {"a": "x", "n": "1"}, "null byte": {"a": "\0"}, "emoji": {"a": "😀" * 99},
        "right to left": {"a": "\u202e"}, "line ends": {"a": "a\r\nx: y"}, "proto": {"__proto__": {"a": 1}},
    }.items():  # fmt: skip
        yield Attack(f"malformed variable {name}", asked(product, given), refused=True)


def disclosure() -> Iterator[Attack]:
    texts = (
        "{ prodcts { id } }", "{ product(id: 1.5) { id } }", "{ product(idd: 1) { id } }", "{ product { id } }",
        '{ product(id: "x") { id secret } }', "{ __type(name: 1) { name } }", "{ node(id: \"UHJvZHVjdDox\") { id } }",
        '{ node(id: "%00") { id } }', "query q($x: Prodct) { __typename }", "{ ...x }", "subscription { x }",
        '{ products(first: 1, after: "eyJ9") { totalCount } }', "{ recognise(purpose: LABL) { revision } }",
        '{ product(id: "\\uD800") { id } }', '{ certificate(number: "../../etc/passwd") { number } }',
    )  # fmt: skip
    for text in texts:
        yield Attack(f"disclosure {text}", asked(text), refused=True)


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _forged(token: str) -> Iterator[tuple[str, str | None]]:
    head, body, signature = token.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    heads: list[dict[str, object]] = [
        {"alg": alg}
        for alg in ("none", "None", "nOnE", "", "HS256", "HS512", "RS256", "ES256", "EdDSA ", None, 1, [])
    ]
    heads += [{"kid": kid} for kid in ("../../dev/null", "' OR 1=1 --", "", None, 1, {}, "x" * 5_000)]
    heads += [
        {"typ": "JWT"},
        {"typ": None},
        {"crit": ["x"]},
        {"jku": "http://127.0.0.1:9/"},
        {"x5u": "file:///etc"},
    ]
    for change in heads:
        yield (
            f"head {str(change)[:30]}",
            f"{_b64(json.dumps({**header, **change}).encode())}.{body}.{signature}",
        )
    changes: list[dict[str, object]] = [
        {"iss": "https://evil.example"}, {"iss": None}, {"iss": 1}, {"iss": ["x"]}, {"aud": "x"}, {"sub": "root"},
        {"scope": "exchange:administer"}, {"exp": 2**53}, {"exp": "never"}, {"nbf": 0}, {"org": "other"}, {"jti": None},
    ]  # fmt: skip
    for change in changes:
        yield f"claims {change}", f"{head}.{_b64(json.dumps({**claims, **change}).encode())}.{signature}"
    yield from {
        "no signature": f"{head}.{body}.", "two parts": f"{head}.{body}", "four parts": f"{token}.x", "dots": "..",
        "empty": "", "noise": "x", "null": "null", "unicode": "caf\xe9", "swapped": f"{body}.{head}.{signature}",
        "padded": f"{token}==", "a letter more": f"{token}A", "cut": token[:-4], "twice": f"{token} {token}",
        "JSON": '{"a":1}', "long": "x" * 12_000, "tail bits": token[:-1] + ("B" if token[-1] != "B" else "C"),
    }.items()  # fmt: skip


def auth(token: str) -> Iterator[Attack]:
    no = frozenset({401})
    for name, text in _forged(token):
        yield Attack(f"auth {name}", headers={"authorization": f"Bearer {text}"}, statuses=no)
    for scheme in ("", "Basic", "Token", "bearer:", "DPoP", "Bearer Bearer"):
        yield Attack(f"auth scheme {scheme}", headers={"authorization": f"{scheme} {token}"}, statuses=no)
    yield Attack("auth absent", headers={"authorization": None}, statuses=no)
    yield Attack(
        "auth in the address",
        path=f"/graphql?access_token={token}",
        headers={"authorization": None},
        statuses=no,
    )
    body = asked("{ __typename }", access_token=token)
    yield Attack("auth in the body", body, headers={"authorization": None}, statuses=no)
    yield Attack("auth absent, 8 MB", b" " * (8 << 20), headers={"authorization": None}, statuses=no)


def persisted() -> Iterator[Attack]:
    for name, (sent, _, _) in SENT.items():
        yield Attack(f"persisted {name}", json.dumps(sent).encode(), statuses=frozenset({200, 400}))
    poison = hashlib.sha256(b"{ __typename }").hexdigest()
    path = f"/graphql?extensions=%7B%22persistedQuery%22:%7B%22sha256Hash%22:%22{poison}%22%7D%7D"
    yield Attack("persisted by GET", None, path, "GET", statuses=frozenset({405}))
    yield Attack("persisted id by GET", None, f"/graphql?documentId=sha256:{poison}", "GET", statuses=REFUSED)
