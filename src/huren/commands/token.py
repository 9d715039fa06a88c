"""`huren token mint`: a bearer token for trying out. Needs neither a database nor a running service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from huren.auth.administrator import ADMINISTRATOR
from huren.auth.keys import local_keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES, MEMBER_SCOPES
from huren.auth.tokens import mint
from huren.mappings.registration import check_organisation
from huren.settings import Settings

CLIENT = "huren-cli"


def mint_token(settings: Settings, org: str | None, scopes: Sequence[str], seconds: int) -> str:
    """A token for ``org`` (None: the administrator) with ``scopes`` (none: all that it may hold).

    Raises: BadInput for no organisation's id, a scope that does not exist or a life that is too long.
    """
    name = check_organisation(org) if org else ADMINISTRATOR.id
    held = ALL_SCOPES if name == ADMINISTRATOR.id else MEMBER_SCOPES
    principal = Principal(name, CLIENT, frozenset(scopes) or held)
    issuer = local_keys(settings.home).issuer
    return mint(issuer, principal, now=datetime.now(UTC), life=timedelta(seconds=seconds))
