"""Trusted documents: those that whoever runs the exchange has put in place, asked for by their hash.

A folder of ``*.graphql`` files, or a JSON object from ``sha256:<hex>`` to the text. The hash is that of the
text's UTF-8 bytes. Nothing that a client sends is ever added.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from huren.errors import BadInput, HurenError, Place
from huren.schema.documents import Documents, Prepared, Refused

ID = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Trusted:
    """One document: its id, where it stands, its text, and what was made of it."""

    id: str
    place: Place
    text: str
    prepared: Prepared


def document_id(text: str) -> str:
    """The id of a document.

    >>> document_id("{ __typename }")
    'sha256:7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b'
    """
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load(path: Path, documents: Documents) -> Mapping[str, Trusted]:
    """All trusted documents under ``path``, each valid against the schema, by id.

    Raises: BadInput naming the file and what is wrong with it.
    """
    found: dict[str, Trusted] = {}
    for place, id, text in _texts(path):
        try:
            prepared = documents.make(text)
        except Refused as refused:
            raise _bad(place, refused.errors[0].message, refused.errors[0].message) from None
        except HurenError as error:
            raise _bad(place, error.en, error.zh) from None
        found[id] = Trusted(id, place, text, prepared)
    if not found:
        raise _bad(Place(str(path)), "there is no document in it", "其中没有文档")
    return found


def _texts(path: Path) -> Iterator[tuple[Place, str, str]]:
    if path.is_dir():
        for file in sorted(path.glob("*.graphql")):
            text = _read(file).decode()
            yield Place(str(file)), document_id(text), text
    else:
        yield from _listed(path)


def _listed(path: Path) -> Iterator[tuple[Place, str, str]]:
    try:
        listed = orjson.loads(_read(path))
    except orjson.JSONDecodeError as error:
        raise _bad(Place(str(path)), f"it is not JSON: {error.msg}", "不是有效的 JSON") from None
    if not isinstance(listed, dict):
        raise _bad(Place(str(path)), "it is no object of ids and texts", "不是由标识到文本的对象")
    for id, text in listed.items():
        place = Place(str(path), column=id)
        if not ID.fullmatch(id) or not isinstance(text, str):
            raise _bad(
                place, "not `sha256:<64 hex digits>` with a text", "须为 `sha256:<64 位十六进制>` 及其文本"
            )
        if id != (own := document_id(text)):
            raise _bad(place, f"the text's own hash is {own}", f"文本自身的哈希为 {own}")
        yield place, id, text


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes()
        content.decode()
    except OSError as error:
        raise _bad(Place(str(file)), error.strerror or "it cannot be read", "无法读取") from None
    except UnicodeDecodeError:
        raise _bad(Place(str(file)), "it is not UTF-8", "不是 UTF-8") from None
    return content


def _bad(place: Place, en: str, zh: str) -> BadInput:
    return BadInput(
        f"the trusted document `{place}` cannot be taken: {en}",
        f"无法采用受信文档“{place}”:{zh}",
        fix="Correct it, and look again with `huren documents check`.",
        fix_zh="请改正后用 `huren documents check` 再次检查。",
        place=place,
    )
