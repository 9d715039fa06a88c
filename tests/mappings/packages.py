"""Small supply packages for tests."""

from __future__ import annotations

import json

PRODUCTS = "id,name,declared_unit\ncar,Car,piece\nsteel,Steel,kg\n"
INPUTS = "consumer,supplier,amount,unit\ncar,steel,0.9,t\n"
EMISSIONS = "product,gas,kg_per_declared_unit\nsteel,CO2,2\ncar,CO2,100\n"


def package(encoding: str = "utf-8", **tables: str | bytes | None) -> dict[str, bytes]:
    """A package of the three tables above, with ``tables`` in their place or beside (None: not at all)."""
    texts = {"products": PRODUCTS, "inputs": INPUTS, "emissions": EMISSIONS, **tables}
    kept = {name: text for name, text in texts.items() if text is not None}
    resources = [{"name": name, "path": f"{name}.csv", "encoding": encoding} for name in kept]
    files = {
        f"{name}.csv": text if isinstance(text, bytes) else text.encode(encoding)
        for name, text in kept.items()
    }
    return {"datapackage.json": json.dumps({"name": "cars", "resources": resources}).encode(), **files}
