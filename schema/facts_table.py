"""Every fact that can be stated, as tables in Markdown: for ``docs/statements.md``, which a test holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_origin

from huren.graph.model.certificate import Certificate
from huren.mappings.records import KINDS
from huren.mappings.statement import camel
from huren.schema.mirror import descriptions, hints, mirrored, names, parts
from huren.schema.reference_mutation import STATED, mutation_of


def tables() -> str:
    """The tables: a certificate's facts, the reference records, and the parts that these are made of."""
    certificate = [
        f"### `CertificateInput`: `registerCertificate`, `amendCertificate`, `certificates.csv`\n\n"
        f"{_rows(Certificate, columns=True)}"
    ]
    records = [
        f"### `{_input(KINDS[kind])}`: `{mutation_of(kind)}`\n\n{_rows(KINDS[kind])}" for kind in STATED
    ]
    whole = {Certificate, *(KINDS[kind] for kind in STATED)}
    inside = {_input(part): part for kind in whole for part in parts(kind) if part not in whole}
    one_each = {get_origin(part) or part: name for name, part in sorted(inside.items(), reverse=True)}
    smaller = [
        f"### {_title(part, inside)}\n\n{_rows(part)}"
        for part in sorted(one_each, key=lambda part: one_each[part])
    ]
    return "\n".join([*certificate, *records, *smaller])


def _title(part: Any, inside: dict[str, Any]) -> str:
    alike = [name for name, one in sorted(inside.items()) if (get_origin(one) or one) is part]
    return ", ".join(f"`{name}`" for name in alike)


def _input(kind: Any) -> str:
    return str(mirrored(kind, put=True).__strawberry_definition__.name)  # type: ignore[attr-defined]


def _rows(kind: Any, *, columns: bool = False) -> str:
    head = "| field | column | meaning |\n|---|---|---|\n" if columns else "| field | meaning |\n|---|---|\n"
    return head + "".join(_row(kind, columns))


def _row(kind: Any, columns: bool) -> Iterator[str]:
    says = descriptions()[(get_origin(kind) or kind).__name__]
    for name in names(kind):
        column = f" `{name}` |" if columns else ""
        yield f"| `{camel(name)}` |{column} {says[name]} |\n"


def stating(path: str) -> tuple[str, ...]:
    """The inputs that state what a rule reads at ``path`` of a dossier, as `Type.field`; else none.

    >>> stating("certificate.gas_shares")
    ('CertificateInput.gasShares',)
    """
    root, _, rest = path.partition(".")
    if path in _DERIVED:
        return _DERIVED[path]
    if root in _ROOTS:
        return tuple(f"{name}.{field}" for name, kind in _ROOTS[root] if (field := _field(kind, rest)))
    if path.startswith("target.scheme."):
        return stating(path.removeprefix("target."))
    return _DERIVED.get(root, ())


def _field(kind: Any, rest: str) -> str | None:
    """The field that a path goes into first, where the record has it."""
    name = rest.partition(".")[0]
    kept = {*names(kind), "events"} & hints(kind).keys()
    return camel(name) if name in kept else None


_SCHEME, _RULE = ("SchemeInput", KINDS["scheme"]), ("RuleInput", KINDS["rule"])
_ROOTS: dict[str, tuple[tuple[str, Any], ...]] = {
    "certificate": (("CertificateInput", Certificate),),
    "scheme": (_SCHEME,),
    "issuer": (_SCHEME,),
    "issuer_rule": (_RULE,),
    "profile": (("MethodProfileInput", hints(KINDS["scheme"])["profile"]),),
    "issuer_profile": (("MethodProfileInput", hints(KINDS["scheme"])["profile"]),),
}
_DERIVED: dict[str, tuple[str, ...]] = {
    "category": ("CertificateInput.category", "CertificateInput.codes", "CategoryInput.codes"),
    "record_type": ("CertificateInput.recordType", "SchemeInput.recordTypes"),
    "issued": ("CertificateInput.issued", "SchemeInput.zone"),
    "issuer": ("CertificateInput.scheme", "SchemeInput.id"),
    "issuer_rule": ("CertificateInput.rule", "RuleInput.id"),
    "route": ("AgreementInput.issuing", "AgreementInput.accepting", "MethodProfileInput.maxHops"),
    "target": ("SchemeInput.id", "SchemeInput.acceptedIn"),
    "target.exists": ("SchemeInput.acceptedIn",),
    "purpose": ("recognise.purpose",),
    "purpose_reads_agreements": ("recognise.purpose",),
    "carries_footprint": ("CertificateInput.recordType",),
    "zone": ("SchemeInput.zone",),
    "as_of": ("recognise.asOf",),
    "comparing": ("recognise.against",),
    "rival": ("recognise.against",),
    "known": ("recognise.knownAt",),
}
"""What is worked out of several facts, or asked with the question."""
