"""Who asks: everything but a token we minted is 401, in JSON, with a challenge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from huren.auth.keys import KEY_FILE, Keys, local_keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES, MEMBER_SCOPES, QUERY_ADHOC, SCOPES
from huren.auth.tokens import mint, verify
from huren.errors import BadInput, Forbidden, Unauthenticated
from tests.http.conftest import Caller

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADMIN = Principal("admin", "test", ALL_SCOPES)
HELLO = b'{"query": "{ __typename }"}'


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def parts(token: str) -> list[str]:
    return token.split(".")


def header(keys: Keys, **changes: Any) -> dict[str, Any]:
    whole = {"alg": "Ed25519", "typ": "at+jwt", "kid": keys.issuer.key.kid, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def claims(**changes: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    whole = {
        "iss": "urn:huren:local",
        "aud": "urn:huren:api",
        "sub": "admin",
        "client_id": "test",
        "scope": "query:adhoc",
        "iat": at,
        "exp": at + 600,
        "jti": "j1",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def sign(keys: Keys, head: dict[str, Any], body: bytes) -> str:
    """A token signed with the right key, whatever it says."""
    signed = f"{b64(json.dumps(head).encode())}.{b64(body)}"
    raw = keys.issuer.key.private_key
    assert raw is not None
    return f"{signed}.{b64(raw.sign(signed.encode()))}"


def test_a_minted_token_is_its_principal(keys: Keys) -> None:
    token = mint(keys.issuer, ADMIN, now=NOW, life=timedelta(hours=1))
    assert verify(keys.issuer, token, now=NOW) == ADMIN
    assert verify(keys.issuer, token, now=NOW + timedelta(minutes=59)) == ADMIN
    assert jws.extract_compact(token.encode()).headers()["typ"] == "at+jwt"


def test_the_battery_itself_can_make_a_good_token(keys: Keys) -> None:
    token = sign(keys, header(keys), json.dumps(claims()).encode())
    assert verify(keys.issuer, token, now=NOW).scopes == {QUERY_ADHOC}


WRONG_HEADERS: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "alg nOnE": {"alg": "nOnE"},
    "alg empty": {"alg": ""},
    "alg HS256": {"alg": "HS256"},
    "alg EdDSA": {"alg": "EdDSA"},
    "alg RS256": {"alg": "RS256"},
    "alg absent": {"alg": None},
    "alg list": {"alg": ["Ed25519"]},
    "typ absent": {"typ": None},
    "typ JWT": {"typ": "JWT"},
    "typ other case": {"typ": "AT+JWT"},
    "typ of an ID token": {"typ": "id+jwt"},
    "jku": {"jku": "http://127.0.0.1:9/keys"},
    "jku and no kid": {"jku": "http://127.0.0.1:9/keys", "kid": None},
    "x5u": {"x5u": "http://127.0.0.1:9/cert"},
    "jwk": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
    "crit": {"crit": ["exp"], "exp": 1},
    "b64": {"b64": False, "crit": ["b64"]},
    "kid is a path": {"kid": "../../etc/passwd"},
    "kid is a number": {"kid": 1},
    "zip": {"zip": "DEF"},
}


@pytest.mark.parametrize("changes", WRONG_HEADERS.values(), ids=WRONG_HEADERS.keys())
def test_wrong_headers(keys: Keys, changes: dict[str, Any]) -> None:
    token = sign(keys, header(keys, **changes), json.dumps(claims()).encode())
    if changes == {"kid": "../../etc/passwd"}:  # a name, and one that names nothing: the key is fixed
        assert verify(keys.issuer, token, now=NOW).org == "admin"
        return
    with pytest.raises(Unauthenticated):
        verify(keys.issuer, token, now=NOW)


AT = int(NOW.timestamp())
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    **{f"{name} absent": {name: None} for name in claims()},
    **{f"{name} is a number": {name: 1.5} for name in claims()},
    **{f"{name} is a list": {name: ["urn:huren:api"]} for name in claims()},
    **{f"{name} is an object": {name: {}} for name in claims()},
    "other issuer": {"iss": "https://elsewhere.example"},
    "issuer with a slash": {"iss": "urn:huren:local/"},
    "other audience": {"aud": "urn:huren:web"},
    "expired": {"iat": AT - 700, "exp": AT - 100},
    "expires now": {"iat": AT - 700, "exp": AT},
    "issued in the future": {"iat": AT + 60, "exp": AT + 600},
    "not valid yet": {"nbf": AT + 60},
    "nbf is a text": {"nbf": "now"},
    "lives for two days": {"exp": AT + 2 * 86_400},
    "lives for ever": {"exp": 2**62},
    "lives backwards": {"exp": AT - 1, "iat": AT},
    "exp is a boolean": {"exp": True},
    "subject empty": {"sub": ""},
    "scope empty": {"scope": ""},
}


@pytest.mark.parametrize("changes", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_wrong_claims(keys: Keys, changes: dict[str, Any]) -> None:
    token = sign(keys, header(keys), json.dumps(claims(**changes)).encode())
    with pytest.raises(Unauthenticated):
        verify(keys.issuer, token, now=NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"exp": NaN}', b"\xff"])
def test_claims_that_are_no_object(keys: Keys, body: bytes) -> None:
    with pytest.raises(Unauthenticated):
        verify(keys.issuer, sign(keys, header(keys), body), now=NOW)


def forged(keys: Keys) -> dict[str, str]:
    """Tokens that look right and were not signed by us."""
    good = mint(keys.issuer, ADMIN, now=NOW, life=timedelta(hours=1))
    head, body, signature = parts(good)
    public = keys.issuer.key.as_dict(private=False)
    stranger = OKPKey.generate_key("Ed25519", {"kid": str(keys.issuer.key.kid)})
    curve = ECKey.generate_key("P-256")
    secrets = [
        str(public["x"]).encode(),
        json.dumps(public).encode(),
        keys.issuer.key.as_pem(private=False),
        b"",
    ]
    hs = b64(json.dumps(header(keys, alg="HS256")).encode())
    found = {
        f"HS256 with reading {n} of the public key": (
            f"{hs}.{body}.{b64(hmac.new(secret, f'{hs}.{body}'.encode(), hashlib.sha256).digest())}"
        )
        for n, secret in enumerate(secrets)
    }
    payload = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other_bits = signature[:-1] + last[(last.index(signature[-1]) & 0b110000) | 0b0001]
    return found | {
        "signed by a stranger of the same kid": sign(
            Keys(with_key(keys, stranger), b"", keys.seals), header(keys), payload
        ),
        "ES256": jws.serialize_compact({"alg": "ES256", "typ": "at+jwt"}, payload, curve, ["ES256"]),
        "no signature": f"{head}.{body}.",
        "signature of zeros": f"{head}.{body}.{b64(bytes(64))}",
        "signature cut": f"{head}.{body}.{signature[:-4]}",
        "body changed": f"{head}.{b64(payload.replace(b'admin', b'other'))}.{signature}",
        "other spelling of the signature": f"{head}.{body}.{other_bits}",
        "padded": f"{head}.{body}.{signature}==",
        "standard base64": f"{head}.{body}.{signature.replace('-', '+').replace('_', '/')}+",
        "line break": f"{head}.{body}.{signature}\n",
        "five parts": f"{head}.{body}.{signature}.{body}.{signature}",
        "two parts": f"{head}.{body}",
        "empty": "",
        "dots": "..",
        "huge": "a" * 100_000 + ".b.c",
        "not ASCII": "令牌.令牌.令牌",
    }


def with_key(keys: Keys, key: OKPKey) -> Any:
    return type(keys.issuer)(keys.issuer.iss, keys.issuer.audience, key, keys.issuer.longest_life)


def test_forged_tokens(keys: Keys) -> None:
    for name, token in forged(keys).items():
        with pytest.raises(Unauthenticated):
            pytest.fail(f"{name}: {verify(keys.issuer, token, now=NOW)}")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 500), char=st.characters(codec="ascii"))
def test_no_changed_character_passes(keys: Keys, at: int, char: str) -> None:
    token = mint(keys.issuer, ADMIN, now=NOW, life=timedelta(hours=1))
    at %= len(token)
    changed = token[:at] + char + token[at + 1 :]
    if changed != token:
        with pytest.raises(Unauthenticated):
            verify(keys.issuer, changed, now=NOW)


async def test_through_http(caller: Caller) -> None:
    """The same battery through the endpoint, and tokens in the wrong place."""
    good = caller.token
    headers: list[list[tuple[str, str]]] = [
        [],
        [("authorization", good)],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", f"Basic {good}")],
        [("authorization", f"DPoP {good}")],
        [("authorization", f"Bearer {good} {good}")],
        [("authorization", f"Bearer {good}, Bearer {good}")],
        [("authorization", f"Bearer {good}"), ("authorization", f"Bearer {good}")],
        [("authorization", "Bearer x"), ("authorization", f"Bearer {good}")],
        [("cookie", f"access_token={good}")],
        [("x-forwarded-authorization", f"Bearer {good}")],
        *(
            [("authorization", f"Bearer {token}")]
            for token in forged(caller.keys).values()
            if printable(token)
        ),
    ]
    for sent in headers:
        answer = await caller.client.post(
            "/graphql", content=HELLO, headers=[("content-type", "application/json"), *sent]
        )
        assert answer.status_code == 401, sent
        assert answer.headers["www-authenticate"].startswith("Bearer realm=")
        assert ("error=" in answer.headers["www-authenticate"]) is any(n == "authorization" for n, _ in sent)
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    query_string = await caller.client.post(f"/graphql?access_token={good}", content=HELLO)
    assert query_string.status_code == 401
    assert (await caller.send(HELLO, authorization=f"bearer {good}")).status_code == 200


def printable(token: str) -> bool:
    return token.isascii() and token.isprintable() and len(token) < 10_000


async def test_an_expired_token_is_401(caller: Caller) -> None:
    then = datetime.now(UTC) - timedelta(hours=2)
    token = mint(caller.keys.issuer, ADMIN, now=then, life=timedelta(hours=1))
    assert (await caller.send(HELLO, authorization=f"Bearer {token}")).status_code == 401


async def test_documents_of_ones_own_need_a_scope(caller: Caller) -> None:
    answer = await caller.minted("acme", "product:read").send(HELLO)
    assert answer.status_code == 403
    assert 'error="insufficient_scope", scope="query:adhoc"' in answer.headers["www-authenticate"]
    assert "`query:adhoc`" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ('{ product(id: "x") { id } }', "product:read"),
        ("{ products(first: 1) { nodes { id } } }", "product:read"),
        ('{ rollUp(product: "x") { revision } }', "footprint:read"),
        ('{ whatIf(product: "x", replace: []) { revision } }', "footprint:read"),
        ('{ organisation(uscc: "x") { id } }', "reference:read"),
        ('{ certificate(number: "x") { id } }', "certificate:read"),
        ("{ certificates(first: 1) { nodes { id } } }", "certificate:read"),
        (
            '{ recognise(certificate: "x", destination: "CN-BJ", purpose: LABEL) { revision } }',
            "recognition:read",
        ),
        (
            '{ recognised(destination: "x", category: "x", purpose: LABEL, first: 1) { nodes { missing } } }',
            "recognition:read",
        ),
        ('{ recognitionMatrix(category: "x", purpose: LABEL) { revision } }', "recognition:read"),
        ("{ schemes { id } }", "reference:read"),
        ("{ rules { id } }", "reference:read"),
        ("{ criteria { notChecked } }", "reference:read"),
        ("{ agreements { id } }", "reference:read"),
        ("{ regions { id } }", "reference:read"),
        (
            'mutation { registerProduct(input: {idempotencyKey: "k", code: "c", name: {en: "n"},'
            ' declaredUnit: "kg"}) { revision } }',
            "product:write",
        ),
        (
            'mutation { putInputs(input: {idempotencyKey: "k", product: "c", inputs: []}) { revision } }',
            "product:write",
        ),
        (
            'mutation { putInventory(input: {idempotencyKey: "k", product: "c", emissions: []})'
            " { revision } }",
            "product:write",
        ),
        (
            'mutation { registerCertificate(input: {idempotencyKey: "k", certificate: {number: "1",'
            ' holder: "h", scheme: "CN-CFP"}}) { revision } }',
            "certificate:write",
        ),
        (
            'mutation { recordCertificateStatus(input: {idempotencyKey: "k", number: "1", state: SUSPENDED,'
            ' validFrom: "2026-05-01"}) { revision } }',
            "certificate:write",
        ),
    ],
)
async def test_every_field_names_the_scope_it_needs(caller: Caller, query: str, scope: str) -> None:
    """No database is there to ask: a field that read before it looked would fail otherwise."""
    body = await caller.minted("acme", *(ALL_SCOPES - {scope})).ask(query)
    error = body["errors"][0]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert f"`{scope}`" in error["message"]
    assert f"`{scope}`" in error["extensions"]["fix"]


def test_scopes_are_described_and_never_invented(keys: Keys) -> None:
    assert all(says.zh and says.en for says in SCOPES.values())
    with pytest.raises(BadInput):
        mint(keys.issuer, Principal("a", "b", frozenset({"everything"})), now=NOW, life=timedelta(1))
    token = sign(keys, header(keys), json.dumps(claims(scope="query:adhoc root")).encode())
    assert verify(keys.issuer, token, now=NOW).scopes == {QUERY_ADHOC}
    with pytest.raises(Forbidden, match="product:write"):
        Principal("a", "b", frozenset()).require("product:write")


@pytest.mark.parametrize("seconds", [-1, 0, 86_401])
def test_a_token_lives_for_a_while_only(keys: Keys, seconds: int) -> None:
    with pytest.raises(BadInput):
        mint(keys.issuer, ADMIN, now=NOW, life=timedelta(seconds=seconds))


def test_the_key_is_kept_private_and_made_once(tmp_path: Path) -> None:
    first, second = local_keys(tmp_path / "home"), local_keys(tmp_path / "home")
    assert first.issuer.key.as_dict(private=True) == second.issuer.key.as_dict(private=True)
    assert first.cursor == second.cursor
    file = tmp_path / "home" / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == [KEY_FILE]
    file.chmod(0o644)
    with pytest.raises(BadInput, match="may read it"):
        local_keys(tmp_path / "home")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"kty": "oct", "k": "AAAA"}', '{"kty": "OKP", "crv": "X25519"}']
)
def test_a_broken_key_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_FILE).write_text(content)
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(BadInput, match="cannot be used"):
        local_keys(tmp_path)


def run(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "huren.cli", *arguments]
    whole = {**os.environ, "HUREN_HOME": str(home), "LC_ALL": "C.UTF-8", **environ}
    return subprocess.run(command, capture_output=True, text=True, env=whole, check=False)


@pytest.mark.slow
def test_token_mint_prints_the_token_alone(tmp_path: Path) -> None:
    done = run(tmp_path, "token", "mint")
    assert done.returncode == 0
    assert done.stderr == ""
    token = done.stdout.removesuffix("\n")
    assert verify(local_keys(tmp_path).issuer, token, now=datetime.now(UTC)).scopes == ALL_SCOPES
    other = run(tmp_path, "token", "mint", "--as", "acme", "--ttl", "60").stdout.strip()
    assert verify(local_keys(tmp_path).issuer, other, now=datetime.now(UTC)) == Principal(
        "acme", "huren-cli", MEMBER_SCOPES
    )


@pytest.mark.slow
def test_no_token_is_for_a_wrong_credit_code(tmp_path: Path) -> None:
    wrong = run(tmp_path, "token", "mint", "--as", "91110000600037341M")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "`91110000600037341M` is no unified social credit code" in wrong.stderr


@pytest.mark.slow
def test_commands_fail_in_the_language_of_the_environment(tmp_path: Path) -> None:
    english = run(tmp_path, "token", "mint", "--scope", "all")
    chinese = run(tmp_path, "token", "mint", "--scope", "all", LC_ALL="zh_CN.UTF-8")
    assert (english.returncode, english.stdout) == (1, "")
    assert english.stderr.startswith("no scope `all`\n")
    assert chinese.stderr.startswith("没有权限 `all`\n")
    assert "Traceback" not in english.stderr + chinese.stderr
