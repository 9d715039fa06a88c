"""The home's own organisation: what `huren import` and `huren token mint` act for when told nothing else."""

from __future__ import annotations

from huren.graph.model.access import Role
from huren.graph.model.organisation import Organisation
from huren.graph.model.text import Text

ADMINISTRATOR = Organisation(
    "admin",
    Text("本平台管理机构", "administrator of this exchange"),
    country="CN",
    roles=frozenset({Role.ADMINISTRATOR}),
)
