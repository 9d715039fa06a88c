"""The table of external issuers, and what is believed of their tokens."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from huren.auth.issuers import TrustedIssuer, read_table
from huren.auth.principal import Principal
from huren.auth.tokens import check
from huren.errors import BadInput, Unauthenticated

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY, NEXT = ECKey.generate_key("P-256", {"kid": "k1"}), ECKey.generate_key("P-256", {"kid": "k2"})
ROW = """
[[issuer]]
iss = "https://login.example"
jwks_file = "jwks.json"
audience = "urn:huren:api"
algorithms = ["ES256"]
organisation_claim = "org"
scopes = ["query:adhoc", "product:read"]
longest_life = 300
"""


def written(folder: Path, text: str) -> Path:
    keys = [key.as_dict(private=False) for key in (KEY, NEXT)]
    (folder / "jwks.json").write_text(json.dumps({"keys": keys}))
    (folder / "issuers.toml").write_text(text)
    return folder / "issuers.toml"


@pytest.fixture
def row(tmp_path: Path) -> TrustedIssuer:
    """A row with two keys."""
    return read_table(written(tmp_path, ROW))["https://login.example"]


def token(key: Any = KEY, alg: str = "ES256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    whole = {
        "iss": "https://login.example",
        "aud": "urn:huren:api",
        "sub": "s",
        "client_id": "app",
        "org": "bank",
        "scope": "query:adhoc exchange:administer openid",
        "iat": AT,
        "exp": AT + 300,
        "jti": "j",
        **changes,
    }
    told = {name: value for name, value in whole.items() if value is not None}
    head = {"alg": alg, "typ": "at+jwt", "kid": getattr(key, "kid", None) or "k1", **(header or {})}
    return jwt.encode({n: v for n, v in head.items() if v is not None}, told, key, algorithms=[alg])


def believed(row: TrustedIssuer, text: str) -> Principal:
    assert row.keys is not None
    return check(row.verifier(row.keys), text, now=NOW).principal


def test_a_good_token_holds_what_the_table_lets_it(row: TrustedIssuer) -> None:
    whom = Principal("bank", "app@https://login.example", frozenset({"query:adhoc"}))
    assert believed(row, token()) == whom
    assert believed(row, token(NEXT)) == whom


def headed(header: bytes) -> str:
    """A token with a header that no library would write."""
    _, body, signature = token().split(".")
    return f"{urlsafe_b64encode(header).rstrip(b'=').decode()}.{body}.{signature}"


def hs256(secret: bytes) -> str:
    """A token that any reader who takes ``secret`` for a shared key would believe."""
    head, body, _ = token(header={"alg": "ES256"}).split(".")
    head = urlsafe_b64encode(b'{"alg":"HS256","typ":"at+jwt","kid":"k1"}').rstrip(b"=").decode()
    mac = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


PUBLIC = json.dumps(KEY.as_dict(private=False)).encode()
WRONG: dict[str, str] = {
    "ID token": token(header={"typ": "JWT"}),
    "no typ": token(header={"typ": None}),
    "other audience": token(aud="app"),
    "two audiences": token(aud=["urn:huren:api", "app"]),
    "other issuer": token(iss="https://login.example/"),
    "algorithm not in the row": token(RSAKey.generate_key(2048), "RS256"),
    "HS256 with the public key": token(OctKey.import_key(PUBLIC), "HS256"),
    "HS256 with the PEM": hs256(KEY.as_pem(private=False)),
    "stranger of the same kid": token(ECKey.generate_key("P-256", {"kid": "k1"})),
    "unknown kid": token(header={"kid": "k9"}),
    "kid is a list": headed(b'{"alg":"ES256","typ":"at+jwt","kid":["k1"]}'),
    "no kid": token(header={"kid": None}),
    "kid of another key": token(header={"kid": "k2"}),
    "jwk inside": token(header={"jwk": KEY.as_dict(private=False)}),
    "jku": token(header={"jku": "https://evil.example/jwks"}),
    "x5u": token(header={"x5u": "https://evil.example/x"}),
    "expired": token(iat=AT - 300, exp=AT),
    "of the future": token(iat=AT + 60, exp=AT + 300),
    "not yet": token(nbf=AT + 60),
    "lives too long": token(exp=AT + 301),
    "no jti": token(jti=None),
    "no client": token(client_id=None),
    "scope is a list": token(scope=["query:adhoc"]),
    "scope is a number": token(scope=1),
    "no organisation": token(org=None),
    "organisation is a list": token(org=["bank"]),
    "organisation with a slash": token(org="bank/x"),
    "the administrator": token(org="admin"),
    "bound by certificate": token(cnf={"x5t#S256": "x"}),
    "bound to nothing": token(cnf={}),
    "bound twice": token(cnf={"jkt": "x", "x5t#S256": "y"}),
    "cnf is a text": token(cnf="x"),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_wrong_tokens(row: TrustedIssuer, text: str) -> None:
    with pytest.raises(Unauthenticated):
        believed(row, text)


def test_the_row_may_name_the_organisation(tmp_path: Path) -> None:
    text = ROW.replace('organisation_claim = "org"', 'organisation = "ministry"')
    row = read_table(written(tmp_path, text))["https://login.example"]
    assert believed(row, token(org="bank")).org == "ministry"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (ROW, "", "no list"),
        (ROW, "issuer = 3", "no list"),
        (ROW, "[[issuer]", "no list"),
        (ROW, ROW + ROW, "same `iss`"),
        ('iss = "https://login.example"', "", "`iss` and `audience`"),
        ('audience = "urn:huren:api"', "audience = 1", "`audience` must be a text"),
        ('["ES256"]', '["HS256"]', "`algorithms` are among"),
        ('["ES256"]', '["none"]', "`algorithms` are among"),
        ('["ES256"]', "[]", "`algorithms` are among"),
        ('["ES256"]', '["PS256"]', "no key for its algorithms"),
        ('"product:read"', '"root"', "`scopes` are among"),
        ("300", "901", "1 to 900"),
        ("300", "0", "1 to 900"),
        ("300", "true", "1 to 900"),
        ('"jwks.json"', '"none.json"', "not a JSON Web Key Set"),
        ("jwks_file", "jwks_url", "may be stated"),
        ('jwks_file = "jwks.json"', 'jwks_uri = "http://login.example/jwks"', "https"),
        ('jwks_file = "jwks.json"', 'jwks_uri = "file:///etc/passwd"', "https"),
        ('jwks_file = "jwks.json"', "", "`jwks_uri` or `jwks_file`"),
        ('organisation_claim = "org"', "", "`organisation` or"),
        ('organisation_claim = "org"', 'organisation_claim = "org"\norganisation = "x"', "`organisation` or"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_table(written(tmp_path, ROW.replace(old, new)))


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no list"):
        read_table(tmp_path / "none.toml")
