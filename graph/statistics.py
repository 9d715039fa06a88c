"""What counts in statistics: releases of one quarter that their owners opted in, as known at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huren.graph.database import Database
from huren.graph.model.access import EVERYONE
from huren.graph.recipes import CURRENT

# The latest of each product; its class and region as they stood when the quarter ended. A public number is
# left out: whoever knows it could take it off what is told.
RELEASED = f"""
CALL () {{
  OPTIONAL MATCH (w:Write) WHERE w.recordedAt < $end
  RETURN coalesce(max(w.revision), 0) AS revision
}}
MATCH (r:Release)
WHERE r.recordedAt >= $start AND r.recordedAt < $end AND r.forStatistics
  AND coalesce(r.withdrawnAt >= $end, true)
WITH revision, r ORDER BY r.revision DESC
WITH revision, r.product AS key, collect(r)[0] AS r
WHERE NOT $everyone IN r.audience AND r.gwpSet = 'AR6' AND NOT r.toGrave
MATCH (p:Product {{key: key}})
{CURRENT.replace("$revision", "revision").replace("CALL (p)", "CALL (p, revision)")}
WITH p, i, r WHERE i.category = $category
RETURN p.owner AS owner, i.region AS region, i.declaredUnit AS unit, r.kg AS kg ORDER BY p.key
"""


@dataclass(frozen=True, slots=True)
class Contribution:
    """kg CO2e per ``unit`` that ``owner`` released of a product made in ``region``."""

    owner: str
    region: str | None
    unit: str
    kg: float


async def contributions(
    db: Database, category: str, start: datetime, end: datetime
) -> tuple[Contribution, ...]:
    """What was released in [start, end) of one class, and stood at its end. The same for ever. One query.

    Cost: the releases of the quarter.
    """
    asked = {"category": category, "start": start, "end": end, "everyone": EVERYONE}
    rows = await db.read(RELEASED, **asked)
    return tuple(Contribution(row["owner"], row["region"], row["unit"], float(row["kg"])) for row in rows)
