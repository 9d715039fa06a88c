"""Settings come from the environment, once, and say which variable is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from huren.errors import BadInput
from huren.graph.database import Address
from huren.graph.local import LocalOptions
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
