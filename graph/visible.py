"""Which products a viewer may know of, as the database filters them; :mod:`huren.auth.visibility` decides."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

# Its owner's, granted, or released to the viewer.
_OPEN = """$everything OR p.owner IN $owners OR p.key IN $keys OR EXISTS {
    MATCH (r:Release {product: p.key})
    WHERE any(meant IN r.audience WHERE meant IN $audience)
      AND r.revision <= $revision AND coalesce(r.withdrawnRevision > $revision, true)
  }"""

ALL_OF_THEM = "MATCH (p:Product)"
"""Every product ``p``, for who sees everything."""

CANDIDATES = """CALL () {
  MATCH (p:Product) WHERE p.owner IN $owners RETURN p
  UNION
  MATCH (p:Product) WHERE p.key IN $keys RETURN p
  UNION
  MATCH (a:Audience WHERE a.name IN $audience)<-[:FOR]-(r:Release)
  WHERE r.revision <= $revision
  MATCH (p:Product {key: r.product}) RETURN p
  UNION
  MATCH (i:Inventory) WHERE i.region IN $territory
  MATCH (p:Product {key: i.product}) RETURN p
}
WITH p"""
"""Every product ``p`` that may be visible, each from an index: no cost for what is not."""

VISIBLE = f"WITH *\nWHERE i.region IN $territory OR {_OPEN}\n"
"""Lets through only rows whose product ``p``, with its inventory ``i``, is visible."""


@dataclass(frozen=True, slots=True)
class Visible:
    """The products of ``owners``, those with these ``keys``, made in the regions of ``territory``, or
    released to one of ``audience``; or all there are. ``home``: whose product a bare code means before
    any other's, so that no release of a stranger makes a firm's own names ambiguous.
    """

    owners: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()
    everything: bool = False
    home: str = ""

    def lists(self) -> dict[str, Any]:
        """The parameters of VISIBLE."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


EVERYTHING = Visible(everything=True)
