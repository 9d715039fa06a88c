"""The words of access: who one is, which fields are asked for, and what may be done with them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an organisation is to the exchange; one may be several."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    PROVINCE = "province"
    DISTRICT = "district"
    MINISTRY = "ministry"
    BODY = "body"
    FIRM = "firm"
    CHAIN_LEADER = "chain_leader"
    BANK = "bank"
    INSURER = "insurer"
    PURCHASER = "purchaser"
    PACT_PARTNER = "pact_partner"
    PUBLIC = "public"


class FieldClass(StrEnum):
    """The kinds of data about a product, from what names it to what its maker must keep.

    ``identity``: name, code, unit, category, owner, region.  ``release``: the footprints that its owner
    released.  ``quality``: site, reference period, data quality.  ``suppliers``: who supplies it, without
    amounts.  ``recipe``: inputs with amounts, emissions, unlinked inputs, its own declared total, and so
    the live footprint.
    """

    IDENTITY = "identity"
    RELEASE = "release"
    QUALITY = "quality"
    SUPPLIERS = "suppliers"
    RECIPE = "recipe"


class Effect(StrEnum):
    """What a decision lets happen, the freest first; AGGREGATE: the total alone, no breakdown."""

    ALLOW = "allow"
    AGGREGATE = "aggregate"
    DENY = "deny"


EVERYONE = "*"
"""The audience or grantee that stands for whoever asks."""
