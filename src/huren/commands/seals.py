"""`huren verify` and `huren seal-key`: need neither a database nor a running service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from huren.auth.seal_keys import SealKeys, read_published
from huren.auth.seals import MOST
from huren.errors import BadInput, BadSeal
from huren.graph.model.canonical import parse
from huren.graph.model.seal import SealKey
from huren.mappings.sealing import Document, question_of
from huren.resolvers.sealing import Checked, check, period
from huren.settings import Settings

Said = Mapping[str, str]


def verify_file(settings: Settings, file: Path, jwks: Path | None) -> None:
    """Print what the sealed decision in ``file`` says. Raises: BadSeal, BadInput, saying what is wrong."""
    keys = _keys(settings, jwks)
    for line in lines(check(jws_in(_read(file), str(file)), keys)):
        typer.echo(line)


def _keys(settings: Settings, jwks: Path | None) -> Mapping[str, SealKey]:
    if jwks is not None:
        return read_published(_read(jwks), str(jwks))
    return {key.kid: key for key in SealKeys(settings.home).public()}


def rotate(settings: Settings, alg: str) -> None:
    """Make a new current key. Raises: BadInput."""
    typer.echo(_line(SealKeys(settings.home).rotate(alg)))


def list_keys(settings: Settings) -> None:
    """Print every key, the oldest first. Raises: BadInput."""
    keys = SealKeys(settings.home)
    keys.ensure()
    for key in keys.public():
        typer.echo(_line(key))


def _line(key: SealKey) -> str:
    return f"{key.kid}  {key.alg}  {period(key)}"


def _read(file: Path) -> bytes:
    """The bytes of ``file``, at most a little more than a JWS can have. Raises: BadInput."""
    try:
        with file.open("rb") as opened:
            return opened.read(2 * MOST)
    except OSError as error:
        raise BadInput(
            f"`{file}` cannot be read: {error.strerror}",
            f"无法读取 `{file}`:{error.strerror}",
            fix="Name a file that exists and that you may read.",
            fix_zh="请指定存在且可读的文件。",
        ) from error


def jws_in(text: bytes, file: str) -> str:
    """The JWS that ``text`` is, or the one ``jws`` member in it, as the API answers. Raises: BadSeal.

    >>> jws_in(b'{"data": {"sealedDecision": {"jws": "a.b.c"}}}', "answer.json")
    'a.b.c'
    """
    bare = text.strip()
    if not bare.startswith(b"{"):
        return bare.decode("ascii", errors="replace")
    try:
        found = list(_members(parse(bare)))
    except ValueError as error:
        raise _no_jws(file) from error
    if len(found) != 1 or not isinstance(found[0], str):
        raise _no_jws(file)
    return found[0]


def _members(value: Any) -> Iterator[Any]:
    """Every member named ``jws``, at any depth."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from [part] if name == "jws" else _members(part)
    elif isinstance(value, list):
        for part in value:
            yield from _members(part)


def _no_jws(file: str) -> BadSeal:
    return BadSeal(
        f"`{file}` is neither a JWS nor JSON with exactly one `jws`",
        f"`{file}` 既不是 JWS,也不是恰含一个 `jws` 的 JSON",
        fix="Give the file as `sealDecision` or `sealedDecision` answered it.",
        fix_zh="请提供 `sealDecision` 或 `sealedDecision` 返回的原件。",
    )


def lines(checked: Checked) -> Iterator[str]:
    """What a sealed decision says, in both languages."""
    document, asked = checked.document, question_of(checked.document)
    given = document["question"]
    yield "签名有效 the seal holds"
    made = f"huren {document['engine']}, revision {document['revision']}"
    yield f"封存 sealed     {document['sealedAt']}  ({made})"
    yield f"密钥 key        {_line(checked.key)}"
    yield f"证书 certificate {asked.certificate}"
    yield f"目的地 at       {asked.destination}"
    yield f"用途 purpose    {asked.purpose.value}"
    yield f"时点 as of      {given['asOf']}  (所知 known at {given['knownAt']})"
    yield f"制度 scheme     {document['scheme'] or '-'}  {document['region'] or ''}".rstrip()
    yield f"结论 standing   {document['standing']}"
    yield f"法律 legal      {document['legal']}"
    yield f"技术 technical  {document['technical']}"
    yield from _values(document)
    yield from _deciding(document)


def _values(document: Document) -> Iterator[str]:
    for name, says in (("value", "数值 value"), ("preview", "预览 preview")):
        if (value := document[name]) is not None:
            yield f"{says}  {value['value']} {value['unit']}  [{value['low']}, {value['high']}]"


def _deciding(document: Document) -> Iterator[str]:
    """The findings that made the standing what it is; none are told where everything is equal."""
    for found in document["findings"]:
        if found["rule"] in document["deciding"] and found["outcome"] != "EQUAL":
            yield f"{found['rule']} {found['outcome']}"
            yield f"  {found['because']['zh']}"
            yield f"  {found['because']['en']}"
