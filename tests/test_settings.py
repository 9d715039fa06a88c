"""Settings come from the environment, once, and say which variable is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from huren.errors import BadInput
from huren.graph.database import Address
from huren.graph.local import LocalOptions
from huren.http.endpoint import Endpoint
from huren.settings import Settings


def test_defaults_follow_the_platform() -> None:
    settings = Settings.from_env({})
    assert settings.home.name == "huren"
    assert settings.home != settings.cache
    assert Path.home() in settings.home.parents
    assert (settings.deadlines.call, settings.deadlines.statement, settings.operation) == (5, 4, 8)


@pytest.mark.skipif("sys.platform == 'darwin'", reason="XDG is for the other systems")
def test_xdg_folders_are_used() -> None:
    settings = Settings.from_env({"XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c"})
    assert (settings.home, settings.cache) == (Path("/d/huren"), Path("/c/huren"))


def test_home_decides_where_the_local_server_is() -> None:
    server = Settings.from_env({"HUREN_HOME": "/h", "HUREN_CACHE": "/c", "NEO4J_HOME": "/n"}).server
    assert isinstance(server, LocalOptions)
    assert (server.home, server.cache.parent, server.neo4j_home) == (Path("/h"), Path("/c"), Path("/n"))


def test_named_server_is_used() -> None:
    given = {"NEO4J_URI": "neo4j://db:7687", "NEO4J_USERNAME": "u", "NEO4J_PASSWORD": "p"}
    assert Settings.from_env(given).server == Address("neo4j://db:7687", "u", "p")


def test_password_is_not_shown() -> None:
    settings = Settings.from_env({"NEO4J_URI": "bolt://db", "NEO4J_PASSWORD": "s3cret"})
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in repr(settings.server)


def test_empty_is_absent() -> None:
    assert Settings.from_env({"NEO4J_URI": "", "HUREN_DB_SECONDS": ""}) == Settings.from_env({})


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e9", "5 s", "五"])
def test_wrong_number_names_its_variable(text: str) -> None:
    with pytest.raises(BadInput, match="HUREN_OPERATION_SECONDS") as caught:
        Settings.from_env({"HUREN_OPERATION_SECONDS": text})
    assert caught.value.fix


def test_the_endpoint_is_chosen() -> None:
    given = {
        "HUREN_RATE_CLIENT": "0",
        "HUREN_RATE_ORGANISATION": "7",
        "HUREN_DOCUMENTS": "/d",
        "HUREN_INTROSPECTION": "off",
    }
    assert Settings.from_env(given).endpoint == Endpoint(0, 7, documents=Path("/d"), introspection=False)
    assert Settings.from_env({}).endpoint == Endpoint()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HUREN_RATE_CLIENT", "-1"),
        ("HUREN_RATE_CLIENT", "9" * 12),
        ("HUREN_RATE_ORGANISATION", "many"),
        ("HUREN_INTROSPECTION", "no"),
    ],
)
def test_a_wrong_choice_names_its_variable(variable: str, text: str) -> None:
    with pytest.raises(BadInput, match=variable) as caught:
        Settings.from_env({variable: text})
    assert caught.value.fix_zh


@pytest.mark.parametrize(
    "text",
    [
        "http://exchange.example",
        "https://exchange.example/",
        "https://exchange.example/oauth",
        "https://a@exchange.example",
        "https://exchange.example?x",
        "exchange.example",
        "https://",
        "https://[",
    ],
)
def test_an_issuer_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="HUREN_ISSUER is"):
        Settings.from_env({"HUREN_ISSUER": text})


def test_the_authority_is_where_it_listens_unless_it_is_named(tmp_path: Path) -> None:
    assert Settings.from_env({}).authority("http://127.0.0.1:9").issuer == "http://127.0.0.1:9"
    given = {
        "HUREN_ISSUER": "https://x.example",
        "HUREN_RESOURCES": "urn:a urn:b",
        "HUREN_TOKEN_SECONDS": "60",
    }
    named = Settings.from_env(given).authority("http://127.0.0.1:9")
    assert (named.issuer, named.others) == ("https://x.example", {"urn:a", "urn:b"})
    assert named.life.total_seconds() == 60
    assert named.resources == {"urn:huren:api", "https://x.example/graphql"}
    with pytest.raises(BadInput, match="HUREN_TOKEN_SECONDS"):
        Settings.from_env({"HUREN_TOKEN_SECONDS": "601"})
    with pytest.raises(BadInput, match="table of issuers"):
        Settings.from_env({"HUREN_ISSUERS": str(tmp_path / "none.toml")}).authority("http://127.0.0.1:9")
