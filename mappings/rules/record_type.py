"""R5: the record is of a kind that the destination issues."""

from __future__ import annotations

from huren.graph.model.dated import Parameter
from huren.graph.model.terms import NEVER_EQUIVALENT, Purpose, RecordType
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule

_CERTIFICATE, _EPD = RecordType.FOOTPRINT_CERTIFICATE, RecordType.EPD
_LESSER = frozenset({RecordType.ACCOUNTING_REPORT, RecordType.PACT_RECORD})

NAMES = {
    RecordType.FOOTPRINT_CERTIFICATE: Text("产品碳足迹证书", "footprint certificate"),
    RecordType.ACCOUNTING_REPORT: Text("碳足迹核算报告", "accounting report"),
    RecordType.EPD: Text("环境产品声明(EPD)", "environmental product declaration (EPD)"),
    RecordType.PACT_RECORD: Text("PACT 数据记录", "PACT record"),
    RecordType.CBAM_DECLARATION: Text("CBAM 申报", "CBAM declaration"),
    RecordType.REDUCTION_MARK: Text("减碳标识", "reduction mark"),
    RecordType.NEUTRAL_MARK: Text("碳中和标识", "carbon-neutral mark"),
    RecordType.MANAGEMENT_SYSTEM: Text("管理体系证书", "management-system certificate"),
}


def issued_types(dossier: Dossier) -> Parameter[frozenset[RecordType]] | None:
    """The kinds of record that the destination, or the scheme it uses, issues."""
    scheme = dossier.target.scheme
    return scheme.record_types or dossier.known.root(scheme).record_types


def _own_scheme(dossier: Dossier) -> bool:
    issuer = dossier.issuer
    return (
        issuer is not None and dossier.known.root(issuer).id == dossier.known.root(dossier.target.scheme).id
    )


def _against(kind: RecordType, issued: frozenset[RecordType], purpose: Purpose) -> Judgement:
    name = NAMES[kind]
    if kind in issued:
        return equal(f"同为{name.zh}", f"both are of one kind: {name.en}")
    if kind is _EPD and _CERTIFICATE in issued:
        return conditional("read_gwp_total", "读取 EPD 中的 GWP-total", "read GWP-total from the EPD")
    if purpose is Purpose.CHAIN_INPUT:
        return equal(f"{name.zh}可作为供应链输入", f"{name.en}: will do as an input to a chain")
    if kind is _CERTIFICATE and issued & _LESSER:
        return equal("证书高于所要求的记录", "a certificate is more than the record asked for")
    return blocked(
        f"{name.zh}不是目的地签发的记录类型", f"{name.en}: not a kind of record that the destination issues"
    )


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    kind = dossier.record_type
    if kind is not None and kind in NEVER_EQUIVALENT:
        name = NAMES[kind]
        return blocked(
            f"{name.zh}不能等同于产品碳足迹", f"{name.en}: this kind of record is never a product footprint"
        )
    if dossier.purpose is Purpose.EXPORT_FILING and not _own_scheme(dossier):
        return blocked("出口申报只接受目的地自身制度的证书", "own scheme only: export filing takes no other")
    if kind is None:
        return unknown("record_type")
    wanted = dossier.want("record_types", issued_types(dossier))
    if wanted.value is None:
        return unknown(wanted.name)
    return tempered(_against(kind, wanted.value, dossier.purpose), wanted)


RECORD_TYPE = Rule(
    id="R5",
    code="record_type",
    kind=Kind.LEGAL,
    says=Text("记录类型与目的地签发的一致", "the record is of a kind that the destination issues"),
    clause=Clause("津方案(征求意见稿); 沪方案", "S2-3, S4-1, S4-12"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=("record_type", "certificate.scheme", "target.scheme.id", "purpose"),
    fix=Text("提供产品碳足迹证书", "obtain a product footprint certificate"),
)
