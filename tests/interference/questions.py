"""Everything that B can ask: documents with the whole schema in them, and strategies for their variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.interference.cast import Cast

PRODUCT = """fragment P on Product { id key code name(lang: EN) zh: name(lang: ZH) declaredUnit category site
  periodStart periodEnd unverified owner { code name country roles } region { id }
  dataQuality { technological geographical temporal traceability }
  inputs { amount stage provenance { dataKind source gsd } supplier { key name site unverified
    inputs { amount } release { value } } }
  emissions { gas origin stage kg gwpSet } unlinked { flow amount unit } unlinkedStated
  declared { value gwpSet toGrave byStage { stage value } validUntil source } supplierKeys
  release { id value gwpSet digits toGrave byStage { stage value } validUntil recordedAt } }"""
ROLLUP = """fragment R on RollUp { product { ...P } total { value unit } totalIncludingBiogenic { value }
  amount { value unit } gwp prefer revision asOf productsCount
  byGas { gas origin kg counted value gwpSet } byStage { stage value share }
  byRegion { code value share region { id } } byTier(first: 3) { tier value share }
  byOwner(first: 2) { code value share owner { id } }
  diagram(first: 4) { nodes { key product { key name } count own value share } links { source target value } }
  contributions(first: 9) { product { key name site unverified } value share } other { count value share }
  inputs(first: 9) { supplier { key name } stage amount value share }
  paths(first: 5) { products { key } amount value share }
  coverage { complete unlinkedCount unlinkedStated unknownProducts productsConcerned
    unlinked { flow amount unit } notRestated { gwpSet value share } }
  unverified { any count share } declaredUsed expiredDeclared flaggedLoops { products residual }
  accuracy { certified error residual } }"""

ONE = f"query($p: ID!) {{ product(id: $p) {{ ...P }} }} {PRODUCT}"
NODE = f"query($p: ID!) {{ node(id: $p) {{ id ... on Product {{ ...P }} }} }} {PRODUCT}"
MANY = f"""query($n: Int!, $a: String, $f: ProductFilter) {{ products(first: $n, after: $a, filter: $f) {{
  totalCount edges {{ cursor node {{ ...P }} }} nodes {{ key }}
  pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} {PRODUCT}"""
ROLL = f"""query($p: ID!, $a: Decimal, $u: String, $g: Gwp!, $f: Prefer!, $x: Boolean!) {{
  rollUp(product: $p, amount: $a, unit: $u, gwp: $g, prefer: $f, allowPartial: $x) {{ ...R }} }}
  {ROLLUP} {PRODUCT}"""
WHAT_IF = f"""query($p: ID!, $r: [ReplaceInput!]!, $c: [ChangeInput!], $f: Prefer!) {{
  whatIf(product: $p, replace: $r, change: $c, prefer: $f, allowPartial: true) {{
    before {{ ...R }} after {{ ...R }} difference {{ value }} share revision }} }} {ROLLUP} {PRODUCT}"""
ALTERNATIVES = """query($p: ID!, $s: ID!, $c: [ID!]!, $f: Prefer!) {
  alternatives(product: $p, supplier: $s, candidates: $c, prefer: $f, allowPartial: true) {
    supplier { key } needed { value unit } intensity { value } asked revision
    ranked { key product { key name } intensity { value } effect { value } share } } }"""
SURE = """query($p: ID!, $f: Prefer!, $s: Decimal, $n: Int!) {
  rollUp(product: $p, prefer: $f, allowPartial: true) { uncertainty(assume: $s) { mean { value } sd { value }
    shape gsd interval90 { low high } interval95 { low high }
    spreads { complete stated unstated unstatedShare assumed }
    parameters(first: 9) { key product { key name } supplierKey supplier { key name } gas origin stage
      source gsd elasticity variance share }
    simulation(samples: $n, seed: 3) { varied mean { value } sd { value } median { value }
      interval90 { low high } interval95 { low high } spreadRatio agrees } } } }"""
LOWER = """query($p: ID!, $q: ID!, $f: Prefer!, $s: Decimal) {
  compareFootprints(product: $p, against: $q, prefer: $f, allowPartial: true, assume: $s) {
    product { total { value } } against { total { value } } difference { value } share mean { value }
    sd { value } interval95 { low high } correlation chanceLower
    spreads { complete stated unstated unstatedShare assumed }
    verdict because(lang: EN) } }"""
WORTH = """query($p: ID!, $f: Prefer!, $d: Date) { rollUp(product: $p, prefer: $f, allowPartial: true) {
  quality { primaryShare secondaryShare unstatedShare technological { ...Q } geographical { ...Q }
    temporal { ...Q } age { ...Q } traceability { level products share }
    weakLinks(first: 9) { key product { key name } value share rating years }
    stale(before: $d, first: 9) { key product { key } ended supplierKey began value share } }
  verification { key product { key } declared { value } computed { value } difference { value } relative
    matches gwp gwpStated toGrave complete }
  benchmark { category value { value } per products owners rank place quantiles suppressed
    because(lang: ZH) } } }
  fragment Q on ChainRating { weighted stated worst product { key } }"""
RESTING = """query($p: ID!, $f: Prefer!, $o: Boolean!) {
  dependants(source: $p, prefer: $f, staleOnly: $o, first: 9) {
    source { key name } count stale revision dependants { key product { key name } value share stale } } }"""
MOVED = """query($r: String, $s: DateTime, $o: String, $l: Decimal!, $f: Prefer!, $x: Boolean!) {
  moved(sinceRevision: $r, since: $s, owner: $o, atLeast: $l, prefer: $f, allowPartial: $x, first: 9) {
    moved { key product { key name } before { value } after { value } share }
    count asked sinceRevision revision asOf } }"""
ROLLS = f"""query($p: [ID!]!, $g: Gwp!, $f: Prefer!, $x: Boolean!) {{
  rollUps(products: $p, gwp: $g, prefer: $f, allowPartial: $x) {{ ...R }} }} {ROLLUP} {PRODUCT}"""
CHANGES = """query($n: Int!, $k: [ChangeKind!], $a: String) { changes(first: $n, kinds: $k, after: $a) {
  edges { cursor node { revision recordedAt kind ids count } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ACCESS = """query($p: ID!) { grants(first: 100) { id grantor grantee fields purposes products since until
    recordedAt withdrawnAt }
  releases(product: $p, first: 10) { product audience withdrawnAt release { id value } } }"""
CERTIFICATES = """query($p: ID, $h: String) { certificates(first: 5, filter: { product: $p, holder: $h }) {
  totalCount nodes { number product { key name } holder { code } facts { product } }
  pageInfo { endCursor hasNextPage } } }"""
SCREEN = """query($a: [String!]!) { screen(applicants: $a, destination: "CN-CFP", purpose: LABEL) {
  rows { applicant certificates { __typename } } summary { __typename } } }"""
ORGANISATION = "query($o: String!) { organisation(uscc: $o) { id code name uscc country roles } }"
WHY = """query($p: ID!, $v: String!, $f: FieldClass) { access(product: $p, viewer: $v, field: $f) {
  product viewer field purpose effect illustrative
  grounds { code opens names illustrative says(lang: EN) } } }"""
STATISTIC = """query($c: String!, $r: String!, $q: String!) {
  statistics(partition: "class-province-quarter", category: $c, region: $r, quarter: $q) {
    contributors low median high unit suppressed because(lang: ZH) } statisticPartitions { id regions } }"""
DISPUTES = """query($p: ID!, $n: Int!) { disputes(product: $p, first: $n) {
  id product openedBy reason source recordedAt outcome closedAt closedBy } }"""
# What stands in an entry is salted by chance; how many there are, and where they lie, is not.
LOG = """query($n: Int!, $o: String) { logEntries(first: $n, owner: $o) {
  nodes { __typename } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
RECOGNISE = """query($c: String!, $p: Purpose!) {
  recognise(certificate: $c, destination: "CN-CFP", purpose: $p) {
    explanation(lang: EN) missing notChecked revision legal { outcome } evidence
    findings { code verdict because } certificate { number product { key name } }
    alternatives { destination } } }"""
RECOGNISED = """query($n: Int!, $w: Outcome!) {
  recognised(category: "steel", destination: "CN-CFP", first: $n, purpose: LABEL, worst: $w) {
    nodes { certificate { number } legal { outcome } } pageInfo { hasNextPage endCursor } } }"""
MATRIX = """query { recognitionMatrix(category: "steel", purpose: LABEL, first: 5) { __typename } }"""
APPROVALS = """query($n: Int!) { exportApprovals(first: $n) {
  nodes { product owner country fields state reason }
  pageInfo { hasNextPage endCursor } } exportTable { __typename } }"""
SEVERAL = f"""query($p: ID!, $q: ID!) {{ a: product(id: $p) {{ ...P }} b: product(id: $q) {{ ...P }}
  c: rollUp(product: $p, allowPartial: true) {{ total {{ value }} productsCount }}
  d: products(first: 1, filter: {{ text: "hid" }}) {{ totalCount }} }} {PRODUCT}"""

CODES = ("steel", "slab", "alloy", "gone", "hid", "ghost", "open")
KEYS = (*(f"s/{code}" for code in CODES), "t/iron", "t/pub", "b/car", "b/part", "c/thing", "s/none", "k/none")
REFS = st.sampled_from(
    [
        *KEYS,
        *(f"#{key}" for key in KEYS),
        "=steel",
        "=hid",
        "=ghost",
        "=iron",
        "=car",
        "",
        "/",
        "x",
        "UHJvZHVjdDo=",
    ]
)
MINE = st.sampled_from(["b/car", "=car", "b/part", "#b/car"])
PURPOSES = st.sampled_from([None, None, "LOAN_APPROVAL", "LABEL", "nonsense"])
GWP, PREFER = st.sampled_from(["AR4", "AR5", "AR6"]), st.sampled_from(["MODELLED", "DECLARED"])
ORGS = st.sampled_from(["s", "t", "b", "c", "k", "nobody"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A document with its variables; those named in ``refs`` are references to be resolved by the cast."""

    query: str
    variables: Mapping[str, Any]
    purpose: str | None = None
    as_: str = "b"
    headers: Mapping[str, str] = field(default_factory=dict)

    def resolved(self, cast: Cast) -> Mapping[str, Any]:
        """The variables with the keys of the example."""
        return {name: resolve(cast, value) for name, value in self.variables.items()}


@dataclass(frozen=True, slots=True)
class Ref:
    """A product, named as :meth:`Cast.ref` reads it."""

    text: str


@dataclass(frozen=True, slots=True)
class Org:
    """An organisation by its letter."""

    letter: str


@dataclass(frozen=True, slots=True)
class Id:
    """A release or grant by the first part of its id."""

    text: str


def resolve(cast: Cast, value: Any) -> Any:
    """``value`` with everything in it that the example names otherwise."""
    if isinstance(value, Ref):
        return cast.ref(value.text)
    if isinstance(value, Org):
        return cast.org(value.letter)
    if isinstance(value, Id):
        return f"{value.text}-{cast.number}"
    if isinstance(value, Mapping):
        return {name: resolve(cast, part) for name, part in value.items()}
    return [resolve(cast, part) for part in value] if isinstance(value, list) else value


def asked(query: str, **variables: st.SearchStrategy[Any]) -> st.SearchStrategy[Asked]:
    """``query`` with such variables, from anybody to whom as much is hidden as to B, for some purpose."""
    who = st.sampled_from(["b", "b", "b", "k", "r"])
    return st.builds(Asked, st.just(query), st.fixed_dictionaries(variables), PURPOSES, who)


REF = REFS.map(Ref)
ORG = ORGS.map(Org)
FILTER = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "owner": ORG,
        "category": st.sampled_from(["steel", "cement"]),
        "region": st.sampled_from(["CN-HE", "CN-TJ", "CN"]),
        "text": st.sampled_from(["secret", "秘", "hid", "s", "ghost", "", "%"]),
    },
)
FIRST = st.sampled_from([1, 2, 3, 10, 0])
PAIRS = st.lists(
    st.fixed_dictionaries(
        {"supplier": REF, "by": REF},
        optional={"share": st.sampled_from(["0", "0.3", "1", "2"]), "consumer": REF},
    ),
    min_size=1,
    max_size=2,
)
CHANGED = st.lists(
    st.fixed_dictionaries(
        {"supplier": REF, "amount": st.sampled_from(["0", "2.5", "-1"])}, optional={"consumer": REF}
    ),
    max_size=2,
)
ROLLED = st.sampled_from(["b/car", "s/steel", "s/alloy", "s/open", "s/gone", "s/hid", "=slab", "t/pub"]).map(
    Ref
)

PRODUCTS = asked(ONE, p=REF) | asked(NODE, p=REF) | asked(SEVERAL, p=REF, q=REF)
LISTS = asked(MANY, n=FIRST, a=st.none(), f=FILTER)
ROLL_UPS = asked(
    ROLL,
    p=ROLLED | REF,
    a=st.none() | st.sampled_from(["2", "0.5", "-1", "1e400"]),
    u=st.sampled_from([None, None, "kg", "t", "piece"]),
    g=GWP,
    f=PREFER,
    x=st.booleans(),
)
ROLL_UPS |= asked(ROLLS, p=st.lists(ROLLED | REF, min_size=1, max_size=3), g=GWP, f=PREFER, x=st.booleans())
WHAT_IFS = asked(WHAT_IF, p=ROLLED | REF, r=PAIRS, c=CHANGED, f=PREFER) | asked(
    ALTERNATIVES, p=ROLLED | REF, s=REF, c=st.lists(REF, min_size=1, max_size=3), f=PREFER
)
SPREAD = st.sampled_from([None, "1.2", "0.5", "3"])
QUALITIES = asked(SURE, p=ROLLED | REF, f=PREFER, s=SPREAD, n=st.sampled_from([1, 100])) | asked(
    LOWER, p=ROLLED | REF, q=ROLLED | REF, f=PREFER, s=SPREAD
)
QUALITIES |= asked(WORTH, p=ROLLED | REF, f=PREFER, d=st.sampled_from([None, "2026-01-01"])) | asked(
    RESTING, p=ROLLED | REF, f=PREFER, o=st.booleans()
)
QUALITIES |= asked(
    MOVED,
    r=st.sampled_from([None, "0", "1", "5", "20", "60", "x"]),
    s=st.sampled_from([None, None, None, "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]),
    o=st.none() | ORG,
    l=st.sampled_from(["0.01", "0.000001", "0"]),
    f=PREFER,
    x=st.booleans(),
)
KINDS = st.sampled_from([None, ["PRODUCT_STATED"], ["PRODUCT_STATED", "SCHEME_STATED"]])
OTHERS = (
    asked(CHANGES, n=FIRST, k=KINDS, a=st.none())
    | asked(ACCESS, p=REF)
    | asked(CERTIFICATES, p=st.none() | REF, h=st.none() | ORG)
    | asked(SCREEN, a=st.lists(ORG | REF, min_size=1, max_size=3))
    | asked(ORGANISATION, o=ORG)
)
QUARTERS = st.sampled_from(["2026-Q1", "2026-Q2", "2026-Q3", "2031-Q1", "Q"])
CERTIFIED = st.sampled_from(["C1", "C2", "C3"]).map(Id)
TRUST = (
    asked(WHY, p=REF, v=ORG, f=st.sampled_from([None, "RECIPE", "RELEASE"]))
    | asked(DISPUTES, p=REF, n=FIRST)
    | asked(LOG, n=FIRST, o=st.none() | ORG)
    | asked(APPROVALS, n=FIRST)
    | asked(STATISTIC, c=st.sampled_from(["steel", "x"]), r=st.sampled_from(["CN-HE", "CN-TJ"]), q=QUARTERS)
)
RECOGNITION = (
    asked(RECOGNISE, c=CERTIFIED, p=st.sampled_from(["LABEL", "LOAN_APPROVAL"]))
    | asked(RECOGNISED, n=FIRST, w=st.sampled_from(["CONVERTIBLE", "NOT_RECOGNISED"]))
    | asked(MATRIX)
)
