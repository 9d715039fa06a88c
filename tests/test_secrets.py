"""No secret lies in the tree; tests/http/test_logs.py holds that none reaches the logs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each with what it looks like in a file.
SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a private JWK": re.compile(r"""["']d["']\s*:\s*["'][A-Za-z0-9_-]{40,}["']"""),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "a cloud key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a forge's token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|glpat-[A-Za-z0-9_-]{20,})"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@\"'`{}<>$]+:[^\s/@\"'`{}<>$]{6,}@"),
    "a hashed password": re.compile(r"\$argon2(?:id|i|d)\$v=\d+\$m=\d+[^\s\"']{40,}"),
}
NAMES = re.compile(
    r"(?:^|/)(?:\.env(?:\..*)?|id_(?:rsa|ed25519|ecdsa)|.*\.(?:pem|key|p12|pfx|jks|keystore))$"
)
VECTOR = re.compile(r"\bRFC ?\d{4}|\brfc\d{4}", re.IGNORECASE)
"""A file of tests that names its RFC may hold that RFC's published keys and tokens."""


def tree() -> list[Path]:
    """Every file under version control; without it (a source archive) every file that is not made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    made = {".venv", "build", "dist", "node_modules", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.parts)]


def found_in(text: str, *, vectors: bool) -> list[str]:
    """What ``text`` seems to hold; published vectors do not count where they are allowed."""
    if vectors and VECTOR.search(text):
        return []
    return [name for name, form in SECRETS.items() if form.search(text)]


def test_no_secret_lies_in_the_tree() -> None:
    found = {}
    for path in tree():
        name = path.relative_to(ROOT).as_posix()
        if NAMES.search(name):
            found[name] = ["a file for keys"]
        elif path.is_file():
            text = path.read_text("utf-8", errors="replace")
            if here := found_in(text, vectors=name.startswith("tests/")):
                found[name] = here
    assert found == {}


# Put together here, so that this file holds none itself.
PLANTED = {
    "a private key": "-----BEGIN EC " + "PRIVATE KEY-----\nMHcCAQEE",
    "a private JWK": '{"kty": "OKP", "d": ' + f'"{"n" * 43}"' + "}",
    "a signed token": "ey" + "JhbGciOiJFZERTQSJ9" + ".ey" + "JzdWIiOiJhZG1pbiJ9." + "s" * 86,
    "a cloud key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a forge's token": "ghp" + "_" + "a" * 36,
    "a password in an address": "bolt://neo4j:" + "correct-horse@db.example:7687",
    "a hashed password": "$argon2id" + "$v=19$m=65536,t=3,p=4$" + "c" * 44,
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_planted_secret_is_found(kind: str) -> None:
    assert found_in(f"x = {PLANTED[kind]}", vectors=False) == [kind]
    assert found_in(f"# RFC 8037\nx = {PLANTED[kind]}", vectors=True) == []


def test_what_only_looks_like_one_is_let_be() -> None:
    harmless = 'NEO4J_URI=bolt://localhost:7687 password = "$old"; {"d": "short"}; https://a.example/x:y@z'
    assert found_in(harmless, vectors=False) == []


def test_the_program_does_not_ship_its_makers_names() -> None:
    """No path of a machine it was written on."""
    homes = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+)/")
    code = [
        path for path in tree() if path.suffix in (".py", ".toml", ".cypher") and "tests" not in path.parts
    ]
    assert [str(path) for path in code if path.is_file() and homes.search(path.read_text("utf-8"))] == []
