"""The table of roles: what an organisation's clients may hold, and how far it sees. Data, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from huren.auth.scopes import ALL_SCOPES
from huren.graph.model.access import FieldClass, Role
from huren.graph.model.text import Text


class Reach(StrEnum):
    """Whose products a role sees: those of its region, or everyone's."""

    REGION = "region"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class RoleRights:
    """One row of the table. A field class that ``reach`` does not name adds nothing."""

    role: Role
    name: Text
    scopes: frozenset[str]
    reach: Mapping[FieldClass, Reach]


@cache
def table() -> Mapping[Role, RoleRights]:
    """Every role of the exchange with its rights.

    Raises: ValueError, KeyError for a table that names an unknown scope, role, field class or reach, or
    leaves a role out: the service does not start with it.
    """
    text = (resources.files("huren.auth") / "data" / "roles.toml").read_text(encoding="utf-8")
    rows = {Role(name): row for name, row in tomllib.loads(text).items()}
    return {role: _rights(role, rows[role]) for role in Role}


def scopes_of(roles: Iterable[Role]) -> frozenset[str]:
    """The scopes that clients of an organisation with ``roles`` may hold; without any it is a firm.

    >>> "reference:write" in scopes_of([Role.FIRM]), "reference:write" in scopes_of([Role.PROVINCE])
    (False, True)
    """
    return frozenset().union(*(table()[role].scopes for role in set(roles) or {Role.FIRM}))


def roles_with(scope: str) -> tuple[Role, ...]:
    """The roles whose clients may hold ``scope``, as the table orders them."""
    return tuple(role for role, rights in table().items() if scope in rights.scopes)


def _rights(role: Role, row: dict[str, object]) -> RoleRights:
    asked = frozenset(str(scope) for scope in _listed(row["scopes"]))
    scopes = ALL_SCOPES if asked == {"*"} else asked
    if unknown := scopes - ALL_SCOPES:
        raise ValueError(f"{role}: no scope {sorted(unknown)}")
    reach = row.get("reach", {})
    if not isinstance(reach, dict):
        raise ValueError(f"{role}: reach is no table")
    far = {FieldClass(field): Reach(how) for field, how in reach.items()}
    return RoleRights(role, Text(str(row["zh"]), str(row["en"])), scopes, far)


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("scopes is no list")
    return value
