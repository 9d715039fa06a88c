"""The authorization server: who gets a token, for what, and what becomes of it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from httpx2 import ASGITransport, AsyncClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from huren.app import create_app
from huren.auth.authority import Authority
from huren.auth.jose import public_key
from huren.auth.scopes import ALL_SCOPES
from huren.graph import clients
from huren.http import body, oauth
from huren.resolvers.context import Exchange
from tests.http.integrator import (
    ASSERTION,
    ISSUER,
    Integrator,
    basic,
    claims_of,
    do,
    proof,
    register,
    seconds,
)

OTHER = "https://pact.example/3"


@pytest.fixture(scope="module")
async def http(exchange: Exchange) -> AsyncIterator[AsyncClient]:
    """The service, as it is served at ISSUER."""
    app = create_app(exchange, Authority(ISSUER, others=frozenset({OTHER})))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


@pytest.fixture(scope="module")
async def keeper(http: AsyncClient, exchange: Exchange) -> Integrator:
    """A client with a secret."""
    scopes = frozenset({"query:adhoc", "product:read", "reference:read"})
    return await register(http, exchange.database, scopes=scopes)


@pytest.fixture(scope="module")
async def signer(http: AsyncClient, exchange: Exchange) -> Integrator:
    """A client that signs."""
    return await register(http, exchange.database, signs=True, org="ministry")


async def test_a_secret_gets_a_token_that_works(keeper: Integrator) -> None:
    answer = await keeper.token(scope="query:adhoc")
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert {k: body[k] for k in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "query:adhoc",
    }
    assert (await keeper.call(body["access_token"])).json()["data"] == {"__typename": "Query"}
    said = claims_of(body["access_token"])
    assert said["exp"] - said["iat"] == 600
    expected = {"iss": ISSUER, "aud": "urn:huren:api", "sub": keeper.client.id, "org": "acme"}
    assert expected.items() <= said.items()
    assert said["client_id"] == keeper.client.id


async def test_a_secret_in_the_form_does_too(keeper: Integrator) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": keeper.client.id,
        "client_secret": keeper.secret,
    }
    answer = await keeper.http.post("/oauth/token", data=form)
    assert answer.status_code == 200
    assert set(answer.json()["scope"].split()) == keeper.client.scopes


async def test_the_token_is_checked_by_a_second_library_with_the_published_keys(keeper: Integrator) -> None:
    """Signature and header by the cryptography library alone (RFC 9068 section 2.1)."""
    token = await keeper.access_token()
    head, body, signature = token.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    assert header["typ"] == "at+jwt"
    keys = {key["kid"]: key for key in (await keeper.http.get("/oauth/jwks")).json()["keys"]}
    assert all("d" not in key and key["use"] == "sig" for key in keys.values())
    raw: Any = public_key(keys[header["kid"]]).public_key
    raw.verify(base64.urlsafe_b64decode(signature + "=="), f"{head}.{body}".encode())


async def test_an_assertion_gets_a_token_once(signer: Integrator) -> None:
    assertion = signer.assertion()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
    }
    answers = await asyncio.gather(*[signer.http.post("/oauth/token", data=form) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 5
    refused = next(answer for answer in answers if answer.status_code == 401)
    assert refused.json() == {"error": "invalid_client", "error_description": "jti was used before"}
    assert refused.headers["www-authenticate"].startswith("Basic realm=")


AT = seconds
WRONG_ASSERTIONS: dict[str, dict[str, Any]] = {
    "other audience": {"aud": "https://elsewhere.example"},
    "two audiences": {"aud": [ISSUER, "https://elsewhere.example"]},
    "no audience": {"aud": None},
    "audience with a slash": {"aud": f"{ISSUER}/"},
    "no jti": {"jti": None},
    "jti is a number": {"jti": 1},
    "jti too long": {"jti": "x" * 300},
    "no exp": {"exp": None},
    "exp is a text": {"exp": "soon"},
    "exp is a boolean": {"exp": True},
    "expired": {"exp": AT() - 10},
    "lives too long": {"exp": AT() + 100_000},
    "not yet": {"nbf": AT() + 100_000},
    "issued in the future": {"iat": AT() + 100_000},
    "issued by another": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "subject is a list": {"sub": ["x"]},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("changes", WRONG_ASSERTIONS.values(), ids=WRONG_ASSERTIONS.keys())
async def test_a_wrong_assertion_gets_none(signer: Integrator, changes: dict[str, Any]) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": signer.assertion(**changes),
    }
    answer = await signer.http.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_both_audiences_of_an_assertion_are_taken(signer: Integrator) -> None:
    for audience in (ISSUER, f"{ISSUER}/oauth/token", [ISSUER]):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": signer.assertion(aud=audience),
        }
        assert (await signer.http.post("/oauth/token", data=form)).status_code == 200


def odd(signer: Integrator, good: str, **header: Any) -> str:
    """An assertion with a header that no library would write, and no good signature."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", **header}).encode()).rstrip(b"=").decode()
    _, body, signature = good.split(".")
    return f"{head}.{body}.{signature}"


def forged_assertions(signer: Integrator) -> dict[str, str]:
    """Assertions that the client did not sign."""
    good = signer.assertion()
    head, body, signature = good.split(".")
    assert signer.key is not None
    public = json.dumps(signer.key.as_dict(private=False)).encode()
    claims = claims_of(good) | {"jti": "forged"}
    stranger = ECKey.generate_key("P-256")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    embedded = {"alg": "ES256", "jwk": stranger.as_dict(private=False)}
    return {
        "stranger": jwt.encode({"alg": "ES256"}, claims, stranger),
        "stranger's key inside": jwt.encode(embedded, claims, stranger),
        "HS256 with the public key": jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(public)),
        "RS256": jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048)),
        "none": f"{none}.{body}.",
        "none with a signature": f"{none}.{body}.{signature}",
        "signature cut": f"{head}.{body}.{signature[:-8]}",
        "no assertion": "x",
        "not JSON": "eA.eA.eA",
        "a list": "W10.W10.AA",
        "huge": "a" * 20_000,
        "typ is a list": odd(signer, good, typ=["JWT"]),
        "kid is a list": odd(signer, good, kid=["x"]),
        "alg is a list": odd(signer, good, alg=["ES256"]),
        "crit": odd(signer, good, crit=["exp"]),
        "an access token type": jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, signer.key),
    }


async def test_forged_assertions_get_none(signer: Integrator) -> None:
    for name, assertion in forged_assertions(signer).items():
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion,
        }
        answer = await signer.http.post("/oauth/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name


async def test_unknown_clients_and_wrong_secrets_look_the_same(
    keeper: Integrator, signer: Integrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked, verify = [], PasswordHasher.verify

    def counted(self: PasswordHasher, secret_hash: str, secret: str) -> bool:
        checked.append(secret_hash)
        return verify(self, secret_hash, secret)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    answers = []
    for id, secret in (
        (keeper.client.id, "wrong"),
        ("nobody", "wrong"),
        (signer.client.id, "wrong"),
        (keeper.client.id, "x" * 5_000),
        ("nul\0", "x"),
    ):
        sent = {"authorization": basic(id, secret)}
        form = {"grant_type": "client_credentials"}
        answers.append(await keeper.http.post("/oauth/token", data=form, headers=sent))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert len(checked) == 4  # all but the one that is too long: whom it takes time to refuse tells nothing


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
async def test_bodies_that_do_not_come_keep_nobody_waiting(
    keeper: Integrator, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(body, "SECONDS", 2.0)
    come = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"grant_type="
        await come.wait()

    sent = {"content-type": FORM}
    async with asyncio.TaskGroup() as group:
        posts = [
            group.create_task(keeper.http.post(path, content=slow(), headers=sent))
            for _ in range(oauth.MOST_WAITING + 1)
        ]
        await asyncio.sleep(0.1)
        assert (await keeper.token()).status_code == 200
        await asyncio.wait(posts)
    assert {(post.result().status_code, post.result().json()["error"]) for post in posts} == {
        (408, "invalid_request")
    }


FORM = "application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"
BAD_REQUESTS: dict[str, tuple[str, str, str, int, str]] = {
    "JSON": (
        "/oauth/token",
        "application/json",
        '{"grant_type": "client_credentials"}',
        400,
        "invalid_request",
    ),
    "no body": ("/oauth/token", FORM, "", 400, "invalid_request"),
    "no grant type": ("/oauth/token", FORM, "scope=x", 400, "invalid_request"),
    "password grant": ("/oauth/token", FORM, "grant_type=password&username=a", 400, "unsupported_grant_type"),
    "implicit grant": ("/oauth/token", FORM, "grant_type=implicit", 400, "unsupported_grant_type"),
    "code grant": (
        "/oauth/token",
        FORM,
        "grant_type=authorization_code&code=x",
        400,
        "unsupported_grant_type",
    ),
    "odd grant": ("/oauth/token", FORM, "grant_type=%22%00%E4%BB%A4", 400, "unsupported_grant_type"),
    "twice": ("/oauth/token", FORM, f"{GRANT}&{GRANT}", 400, "invalid_request"),
    "scope twice": ("/oauth/token", FORM, f"{GRANT}&scope=a&scope=a", 400, "invalid_request"),
    "two resources": ("/oauth/token", FORM, f"{GRANT}&resource=a&resource=b", 400, "invalid_target"),
    "in the address": (f"/oauth/token?{GRANT}", FORM, GRANT, 400, "invalid_request"),
    "another id": ("/oauth/token", FORM, f"{GRANT}&client_id=y", 400, "invalid_request"),
    "two ways": ("/oauth/token", FORM, f"{GRANT}&client_secret=x&client_id=y", 400, "invalid_request"),
    "not UTF-8": ("/oauth/token", FORM, f"{GRANT}&scope=%FF", 400, "invalid_request"),
    "not ASCII": ("/oauth/token", FORM, f"{GRANT}&scope=令牌", 400, "invalid_request"),
    "many fields": ("/oauth/token", FORM, "&".join(f"a{n}=b" for n in range(99)), 400, "invalid_request"),
    "large": ("/oauth/token", FORM, GRANT + "&scope=" + "a" * 70_000, 413, "invalid_request"),
    "no such scope": ("/oauth/token", FORM, f"{GRANT}&scope=root", 400, "invalid_scope"),
    "not its scope": (
        "/oauth/token",
        FORM,
        f"{GRANT}&scope=product:read+product:write",
        400,
        "invalid_scope",
    ),
    "other target": ("/oauth/token", FORM, f"{GRANT}&resource=https://x.example", 400, "invalid_target"),
    "no token": ("/oauth/revoke", FORM, "token_type_hint=access_token", 400, "invalid_request"),
    "no token to tell of": ("/oauth/introspect", FORM, "", 400, "invalid_request"),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
async def test_bad_requests(keeper: Integrator, name: str) -> None:
    path, kind, body, status, error = BAD_REQUESTS[name]
    headers = {"content-type": kind, "authorization": basic(keeper.client.id, keeper.secret)}
    answer = await keeper.http.post(path, content=body.encode(), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic /w==", "Basic eDo=", "Bearer x", "x", "Basic eA=="]
)
async def test_a_header_that_is_no_credentials(keeper: Integrator, header: str) -> None:
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        form = {"grant_type": "client_credentials", "token": "x"}
        answer = await keeper.http.post(path, data=form, headers={"authorization": header})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_no_client_at_all(keeper: Integrator) -> None:
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        form = {"grant_type": "client_credentials", "token": "x", "client_id": keeper.client.id}
        answer = await keeper.http.post(path, data=form)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert (await keeper.http.get(path)).status_code == 405


async def test_a_token_speaks_to_the_resource_asked_for(keeper: Integrator) -> None:
    ours = await keeper.access_token(resource=f"{ISSUER}/graphql")
    assert claims_of(ours)["aud"] == f"{ISSUER}/graphql"
    assert (await keeper.call(ours)).status_code == 200
    theirs = await keeper.access_token(resource=OTHER)
    assert claims_of(theirs)["aud"] == OTHER
    refused = await keeper.call(theirs)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_a_revoked_token_is_refused(keeper: Integrator) -> None:
    token, kept = await keeper.access_token(), await keeper.access_token()
    assert (await keeper.call(token)).status_code == 200
    for _ in range(2):
        answer = await keeper.post("/oauth/revoke", {"token": token, "token_type_hint": "whatever"})
        assert answer.status_code == 200
    assert (await keeper.call(token)).status_code == 401
    assert (await keeper.call(kept)).status_code == 200
    assert (await keeper.post("/oauth/introspect", {"token": token})).json() == {"active": False}
    assert (await keeper.post("/oauth/revoke", {"token": "no.token.at.all"})).status_code == 200


async def test_nobody_revokes_another_s_token(keeper: Integrator, signer: Integrator) -> None:
    token = await keeper.access_token()
    answer = await signer.post("/oauth/revoke", {"token": token})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await keeper.call(token)).status_code == 200


async def test_introspection_tells_those_whom_it_concerns(
    keeper: Integrator, http: AsyncClient, exchange: Exchange
) -> None:
    token = await keeper.access_token(scope="product:read")
    told = (await keeper.post("/oauth/introspect", {"token": token})).json()
    assert told == {"active": True, "token_type": "Bearer", **claims_of(token)}
    stranger = await register(http, exchange.database, org="bank", scopes=frozenset({"product:read"}))
    assert (await stranger.post("/oauth/introspect", {"token": token})).json() == {"active": False}
    admin = await register(http, exchange.database, org="admin")
    assert (await admin.post("/oauth/introspect", {"token": token})).json()["active"] is True


async def test_a_disabled_client_and_its_tokens_are_refused(http: AsyncClient, exchange: Exchange) -> None:
    client = await register(http, exchange.database)
    token = await client.access_token()
    assert (await client.call(token)).status_code == 200
    await do(exchange.database, clients.disable(client.client.id))
    await asyncio.sleep(0.5)
    assert (await client.call(token)).status_code == 401
    assert (await client.token()).status_code == 401


async def test_tokens_of_a_home_are_not_the_authorization_server_s(
    keeper: Integrator, exchange: Exchange
) -> None:
    """A development token is good for /graphql, and nothing that this server would tell of or revoke."""
    from huren.auth.principal import Principal
    from tests.http.conftest import token_for

    token = token_for(exchange.keys, Principal("acme", "x", ALL_SCOPES))
    assert (await keeper.call(token)).status_code == 200
    assert (await keeper.post("/oauth/introspect", {"token": token})).json() == {"active": False}


async def test_metadata_is_what_is_served(http: AsyncClient, keeper: Integrator, signer: Integrator) -> None:
    said = (await http.get("/.well-known/oauth-authorization-server")).json()
    assert said["issuer"] == ISSUER
    assert said["response_types_supported"] == []
    assert said["scopes_supported"] == sorted(ALL_SCOPES)
    for name in ("token", "revocation", "introspection"):
        path = said[f"{name}_endpoint"].removeprefix(ISSUER)
        ways = {"private_key_jwt", "client_secret_basic", "client_secret_post"}
        assert set(said[f"{name}_endpoint_auth_methods_supported"]) == ways
        form = {"token": "x", "grant_type": said["grant_types_supported"][0]}
        assert (await keeper.post(path, form)).status_code == 200
        assert (await signer.post(path, form)).status_code == 200
        posted = form | {"client_id": keeper.client.id, "client_secret": keeper.secret}
        assert (await http.post(path, data=posted)).status_code == 200
    assert (await http.get(said["jwks_uri"].removeprefix(ISSUER))).json()["keys"]
    assert (await http.get("/oauth/authorize")).status_code == 404


@pytest.mark.parametrize("alg", ["Ed25519", "ES256", "PS256", "RS256", "ES384"])
async def test_the_algorithms_said_are_the_algorithms_taken(
    http: AsyncClient, exchange: Exchange, signer: Integrator, alg: str
) -> None:
    said = (await http.get("/.well-known/oauth-authorization-server")).json()
    kind: Any = {"E": ECKey, "P": RSAKey, "R": RSAKey}[alg[0]]
    curve: Any = {"ES256": "P-256", "ES384": "P-384"}.get(alg, 2048)
    key = OKPKey.generate_key("Ed25519") if alg == "Ed25519" else kind.generate_key(curve)
    from huren.auth.client_secrets import new_id

    client = replace(signer.client, id=new_id(), jwks={"keys": [key.as_dict(private=False)]})
    await do(exchange.database, clients.register(client))
    now = seconds()
    claims = {"iss": client.id, "sub": client.id, "aud": ISSUER, "exp": now + 60, "jti": new_id()}
    assertion = jwt.encode({"alg": alg}, claims, key, algorithms=[alg])
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
    }
    status = (await http.post("/oauth/token", data=form)).status_code
    taken = alg in said["token_endpoint_auth_signing_alg_values_supported"]
    assert status == (200 if taken else 401)
    shown = {"typ": "dpop+jwt", "alg": alg, "jwk": key.as_dict(private=False)}
    proved = {"htm": "POST", "htu": f"{ISSUER}/oauth/token", "iat": now, "jti": new_id()}
    dpop = jwt.encode(shown, proved, key, algorithms=[alg])
    answer = await signer.post("/oauth/token", {"grant_type": "client_credentials"}, {"dpop": dpop})
    assert answer.status_code == (200 if alg in said["dpop_signing_alg_values_supported"] else 400)


async def test_a_bound_token_needs_its_key(http: AsyncClient, exchange: Exchange) -> None:
    client = await register(http, exchange.database, signs=True, dpop=True)
    refused = await client.token()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    form = {"grant_type": "client_credentials"}
    answer = await client.post("/oauth/token", form, {"dpop": proof(key, "/oauth/token")})
    assert answer.json()["token_type"] == "DPoP"
    token = answer.json()["access_token"]
    assert claims_of(token)["cnf"] == {"jkt": key.thumbprint()}
    shown = proof(key, "/graphql", token)
    assert (await client.call(token, "DPoP", dpop=shown)).status_code == 200
    wrong: dict[str, tuple[str, dict[str, str]]] = {
        "replayed": ("DPoP", {"dpop": shown}),
        "as bearer": ("Bearer", {}),
        "as bearer with a proof": ("Bearer", {"dpop": proof(key, "/graphql", token)}),
        "no proof": ("DPoP", {}),
        "other key": ("DPoP", {"dpop": proof(other, "/graphql", token)}),
        "other method": ("DPoP", {"dpop": proof(key, "/graphql", token, htm="GET")}),
        "other address": ("DPoP", {"dpop": proof(key, "/oauth/token", token)}),
        "other token": ("DPoP", {"dpop": proof(key, "/graphql", "x")}),
        "no ath": ("DPoP", {"dpop": proof(key, "/graphql")}),
        "old": ("DPoP", {"dpop": proof(key, "/graphql", token, iat=seconds() - 120)}),
        "of the future": ("DPoP", {"dpop": proof(key, "/graphql", token, iat=seconds() + 60)}),
        "no jti": ("DPoP", {"dpop": proof(key, "/graphql", token, jti=None)}),
    }
    for name, (scheme, headers) in wrong.items():
        answer = await client.call(token, scheme, **headers)
        assert answer.status_code == 401, name
        assert 'DPoP realm="huren"' in answer.headers["www-authenticate"]
        assert 'algs="Ed25519 ES256 PS256"' in answer.headers["www-authenticate"]


async def test_a_plain_token_does_not_go_as_dpop(keeper: Integrator) -> None:
    token, key = await keeper.access_token(), ECKey.generate_key("P-256")
    answer = await keeper.call(token, "DPoP", dpop=proof(key, "/graphql", token))
    assert answer.status_code == 401


async def test_a_proof_counts_once_across_parallel_requests_and_restarts(
    http: AsyncClient, exchange: Exchange, keeper: Integrator
) -> None:
    key = ECKey.generate_key("P-256")
    form = {"grant_type": "client_credentials"}
    token = (await keeper.post("/oauth/token", form, {"dpop": proof(key, "/oauth/token")})).json()[
        "access_token"
    ]
    shown = proof(key, "/graphql", token)
    answers = await asyncio.gather(*[keeper.call(token, "DPoP", dpop=shown) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    again = ASGITransport(create_app(exchange, Authority(ISSUER)), raise_app_exceptions=False)
    async with AsyncClient(transport=again, base_url=ISSUER) as other:
        worker = replace(keeper, http=other)
        assert (await worker.call(token, "DPoP", dpop=shown)).status_code == 401
        assert (await worker.call(token, "DPoP", dpop=proof(key, "/graphql", token))).status_code == 200
