"""Write build/huren.cdx.json: a CycloneDX 1.6 bill of what huren runs with, from both locks, with hashes.

Deterministic: no time and no random serial number; the same locks on the same system give the same bytes.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from packageurl import PackageURL

sys.path.insert(0, str(Path(__file__).parent))

from locked import OURSELVES, ROOT, Coordinates, Package, jars, runtime
from make_licences import ABSENT, of_packages

SBOM = ROOT / "build" / "huren.cdx.json"
APART = Property(name="huren:runs-as", value="a process of its own, spoken to over Bolt")
FILES = Property(name="huren:hashes", value="one sha256 for each published file of this version")


def bill() -> str:
    """The bill as JSON."""
    licences = of_packages()
    root = Component(name=OURSELVES, type=ComponentType.APPLICATION, version=_version(), bom_ref=OURSELVES)
    root.licenses.add(LicenseFactory().make_from_string("Apache-2.0"))
    parts = {p.name: _python(p, licences) for p in runtime() if p.applies}
    servers = [_jar(found) for found in jars()]
    bom = Bom(components=[*parts.values(), *servers])
    bom.metadata.component = root
    for package in runtime():
        for asker in package.via if package.applies else ():
            above = root if asker == OURSELVES else parts.get(asker)
            if above is not None:
                bom.register_dependency(above, [parts[package.name]])
    bom.register_dependency(root, servers)
    return _settled(JsonV1Dot6(bom).output_as_string())


def _python(package: Package, licences: Mapping[str, str]) -> Component:
    part = Component(
        name=package.name,
        version=package.version,
        purl=PackageURL("pypi", None, package.name, package.version),
        bom_ref=f"pkg:pypi/{package.name}@{package.version}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=found) for found in package.hashes],
        properties=[FILES],
    )
    part.licenses.add(LicenseFactory().make_from_string(licences.get(package.name, ABSENT)))
    return part


def _jar(found: Coordinates) -> Component:
    return Component(
        group=found.group,
        name=found.artifact,
        version=found.version,
        purl=PackageURL.from_string(found.purl),
        bom_ref=found.purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=found.sha256)],
        properties=[APART],
    )


def _version() -> str:
    from huren import __version__

    return __version__


def _settled(text: str) -> str:
    """The bill without its time, and with a serial number that follows from the rest."""
    whole: dict[str, Any] = json.loads(text)
    whole.get("metadata", {}).pop("timestamp", None)
    whole.pop("serialNumber", None)
    body = json.dumps(whole, sort_keys=True)
    whole["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, body)}"
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def problem(text: str) -> str | None:
    """What the CycloneDX schema has against ``text``, if anything."""
    found = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6).validate_str(text)
    return None if found is None else str(found)


def main() -> None:
    """Write it, or say why it is none."""
    text = bill()
    if wrong := problem(text):
        raise SystemExit(f"no CycloneDX document: {wrong}")
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(text, encoding="utf-8")
    print(f"{SBOM.relative_to(ROOT)}: {len(json.loads(text)['components'])} components")


if __name__ == "__main__":
    main()
