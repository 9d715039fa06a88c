"""What the environment chooses, read once at the start."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from huren.auth.authority import Authority
from huren.auth.issuers import loopback, read_table
from huren.errors import BadInput, Place
from huren.graph.database import Address, Deadlines
from huren.graph.local import LocalOptions
from huren.http.endpoint import Endpoint

_DEFAULT = Endpoint()


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice, with the variable it comes from; seconds are seconds.

    ``home`` HUREN_HOME: the local database and the keys.  ``cache`` HUREN_CACHE: downloads that homes
    share.  ``uri``, ``user``, ``password`` NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD: a server of one's
    own.  ``neo4j_home`` NEO4J_HOME, ``java_home`` HUREN_JAVA_HOME, ``repository``
    HUREN_MAVEN_REPOSITORY, ``heap`` HUREN_HEAP: the local server's.  ``operation`` HUREN_OPERATION_SECONDS:
    one request; ``deadlines.call`` HUREN_DB_SECONDS: one database call, a second less in the server;
    ``deadlines.bulk_call`` HUREN_BULK_SECONDS: one batch of an import.  ``issuer`` HUREN_ISSUER: the public
    URL of this service, default where it listens; ``token_life`` HUREN_TOKEN_SECONDS: of an access token;
    ``resources`` HUREN_RESOURCES: other services that tokens are issued for, separated by spaces;
    ``issuers`` HUREN_ISSUERS: the table of external issuers, a TOML file.  ``endpoint``: HUREN_RATE_CLIENT
    and HUREN_RATE_ORGANISATION, units of cost a second; HUREN_DOCUMENTS, the trusted documents;
    HUREN_INTROSPECTION, on or off.
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
    endpoint: Endpoint = field(default_factory=Endpoint)
    issuer: str | None = None
    token_life: float = 600.0
    resources: frozenset[str] = frozenset()
    issuers: Path | None = None

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
            endpoint=_endpoint(given),
            issuer=_issuer(given),
            token_life=_seconds(given, "HUREN_TOKEN_SECONDS", 600.0, 600.0),
            resources=frozenset(given.get("HUREN_RESOURCES", "").split()),
            issuers=_folder(given, "HUREN_ISSUERS"),
        )

    def authority(self, url: str) -> Authority:
        """The authorization server that answers at ``url``, unless HUREN_ISSUER names its public URL.

        Raises: BadInput for a table of issuers that cannot be used.
        """
        trusted = read_table(self.issuers) if self.issuers else {}
        issuer = self.issuer or url
        if issuer in trusted:
            raise _own_issuer(issuer)
        return Authority(issuer, timedelta(seconds=int(self.token_life)), self.resources, trusted)

    def at(self, server: Address) -> Settings:
        """The same, with the server that listens at an address."""
        return replace(self, uri=server.uri, user=server.user, password=server.password)

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


def _endpoint(given: Mapping[str, str]) -> Endpoint:
    return Endpoint(
        client=_whole(given, "HUREN_RATE_CLIENT", 0, _DEFAULT.client),
        organisation=_whole(given, "HUREN_RATE_ORGANISATION", 0, _DEFAULT.organisation),
        documents=_folder(given, "HUREN_DOCUMENTS"),
        introspection=_switch(given, "HUREN_INTROSPECTION"),
    )


def _whole(given: Mapping[str, str], variable: str, least: int, default: int) -> int:
    text = given.get(variable, str(default))
    if text.isascii() and text.isdigit() and len(text) < 12 and int(text) >= least:
        return int(text)
    raise BadInput(
        f"{variable} is `{text}`, which is not a whole number from {least}",
        f"{variable} 的值“{text}”不是不小于 {least} 的整数",
        fix=f"Set it to a number such as {default}, or unset it.",
        fix_zh=f"请设为整数,例如 {default},或取消设置。",
        place=Place(column=variable),
    )


def _switch(given: Mapping[str, str], variable: str) -> bool:
    text = given.get(variable, "on")
    if text in {"on", "off"}:
        return text == "on"
    raise BadInput(
        f"{variable} is `{text}`, which is neither `on` nor `off`",
        f"{variable} 的值“{text}”既不是 `on` 也不是 `off`",
        fix="Set it to `on` or `off`, or unset it.",
        fix_zh="请设为 `on` 或 `off`,或取消设置。",
        place=Place(column=variable),
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


def _issuer(given: Mapping[str, str]) -> str | None:
    """HUREN_ISSUER (RFC 8414 section 2): https, or http on loopback; a host, and nothing after it."""
    if (text := given.get("HUREN_ISSUER")) is None:
        return None
    try:
        parts = urlsplit(text)
        bare = parts.hostname and text == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        allowed = parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname))
    except ValueError:
        bare = allowed = False
    if not bare or not allowed:
        raise BadInput(
            f"HUREN_ISSUER is `{text}`, which is not the https URL of a host",
            f"HUREN_ISSUER 的值“{text}”不是主机的 https 网址",
            fix="Set it to what clients see, such as https://exchange.example, without a slash at the end.",
            fix_zh="请设为客户端所见的网址,例如 https://exchange.example,末尾不带斜杠。",
            place=Place(column="HUREN_ISSUER"),
        )
    return text


def _own_issuer(issuer: str) -> BadInput:
    return BadInput(
        f"HUREN_ISSUERS lists this service itself, `{issuer}`",
        f"HUREN_ISSUERS 列入了本服务自身“{issuer}”",
        fix="Take that row out of the table.",
        fix_zh="请从表中删除该行。",
        place=Place(column="HUREN_ISSUERS"),
    )


def _seconds(given: Mapping[str, str], variable: str, default: float, most: float = 86_400.0) -> float:
    text = given.get(variable)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= most:
        raise BadInput(
            f"{variable} is `{text}`, which is not a number of seconds",
            f"{variable} 的值“{text}”不是秒数",
            fix=f"Set it to a number above 0 and at most {most:g}, such as {default:g}, or unset it.",
            fix_zh=f"请设为大于 0 且不超过 {most:g} 的数,例如 {default:g},或取消设置。",
            place=Place(column=variable),
        )
    return seconds
