"""What the environment chooses, read once at the start."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from huren.errors import BadInput, Place
from huren.graph.database import Address, Deadlines
from huren.graph.local import LocalOptions


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice, with the variable it comes from; seconds are seconds.

    ``home`` HUREN_HOME: the local database and the keys.  ``cache`` HUREN_CACHE: downloads that homes
    share.  ``uri``, ``user``, ``password`` NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD: a server of one's
    own.  ``neo4j_home`` NEO4J_HOME, ``java_home`` HUREN_JAVA_HOME, ``repository``
    HUREN_MAVEN_REPOSITORY, ``heap`` HUREN_HEAP: the local server's.  ``operation`` HUREN_OPERATION_SECONDS:
    one request; ``deadlines.call`` HUREN_DB_SECONDS: one database call, a second less in the server;
    ``deadlines.bulk_call`` HUREN_BULK_SECONDS: one batch of an import.
    """

    home: Path
    cache: Path
    uri: str | None = None
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    neo4j_home: Path | None = None
    java_home: Path | None = None
    repository: str | None = None
    heap: str = "1g"
    operation: float = 8.0
    deadlines: Deadlines = field(default_factory=Deadlines)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read ``environ``; an empty value counts as absent.  Raises BadInput naming the variable."""
        given = {name: value for name, value in environ.items() if value}
        call, bulk = _seconds(given, "HUREN_DB_SECONDS", 5.0), _seconds(given, "HUREN_BULK_SECONDS", 120.0)
        return cls(
            home=_folder(given, "HUREN_HOME") or _data_folder(given),
            cache=_folder(given, "HUREN_CACHE") or _cache_folder(given),
            uri=given.get("NEO4J_URI"),
            user=given.get("NEO4J_USERNAME", "neo4j"),
            password=given.get("NEO4J_PASSWORD", ""),
            neo4j_home=_folder(given, "NEO4J_HOME"),
            java_home=_folder(given, "HUREN_JAVA_HOME"),
            repository=given.get("HUREN_MAVEN_REPOSITORY"),
            heap=given.get("HUREN_HEAP", "1g"),
            operation=_seconds(given, "HUREN_OPERATION_SECONDS", 8.0),
            deadlines=Deadlines(call, 0.8 * call, bulk, 0.9 * bulk),
        )

    @property
    def server(self) -> Address | LocalOptions:
        """The server that NEO4J_URI names, else the managed local one."""
        if self.uri:
            return Address(self.uri, self.user, self.password)
        return LocalOptions(
            home=self.home,
            cache=self.cache / "neo4j-5.26.20",
            java_home=self.java_home,
            neo4j_home=self.neo4j_home,
            repository=self.repository,
            heap=self.heap,
        )


def _folder(given: Mapping[str, str], variable: str) -> Path | None:
    return Path(given[variable]).expanduser().absolute() if variable in given else None


def _data_folder(given: Mapping[str, str]) -> Path:
    """Where this platform keeps a user's data (XDG Base Directory 0.8; macOS: ~/Library)."""
    mac = Path.home() / "Library" / "Application Support"
    linux = _folder(given, "XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (mac if sys.platform == "darwin" else linux) / "huren"


def _cache_folder(given: Mapping[str, str]) -> Path:
    """Where this platform keeps what can be fetched again."""
    mac = Path.home() / "Library" / "Caches"
    linux = _folder(given, "XDG_CACHE_HOME") or Path.home() / ".cache"
    return (mac if sys.platform == "darwin" else linux) / "huren"


def _seconds(given: Mapping[str, str], variable: str, default: float) -> float:
    text = given.get(variable)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 86_400:
        raise BadInput(
            f"{variable} is `{text}`, which is not a number of seconds",
            f"{variable} 的值“{text}”不是秒数",
            fix=f"Set it to a number above 0, such as {default:g}, or unset it.",
            fix_zh=f"请设为大于 0 的数,例如 {default:g},或取消设置。",
            place=Place(column=variable),
        )
    return seconds
