"""Everything that B can state: of its own, of what it sees, and of what it does not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.interference.questions import ORG, PRODUCT, REF, Asked, Id, Ref, asked

REGISTER = f"""mutation($i: RegisterProductInput!) {{ registerProduct(input: $i) {{ revision
  repeated recordedAt product {{ ...P }} }} }} {PRODUCT}"""
INPUTS = f"""mutation($i: PutInputsInput!) {{ putInputs(input: $i) {{ revision repeated recordedAt
  product {{ ...P }} }} }} {PRODUCT}"""
INVENTORY = f"""mutation($i: PutInventoryInput!) {{ putInventory(input: $i) {{ revision repeated recordedAt
  product {{ ...P }} }} }} {PRODUCT}"""
PUBLISH = """mutation($i: PublishReleaseInput!) { publishRelease(input: $i) { revision repeated
  release { product audience withdrawnAt release { id value byStage { stage value } recordedAt } } } }"""
UNPUBLISH = """mutation($i: WithdrawInput!) { withdrawRelease(input: $i) { revision repeated
  release { product audience withdrawnAt release { id value } } } }"""
GRANT = """mutation($i: GrantAccessInput!) { grantAccess(input: $i) { revision repeated
  grant { id grantor grantee fields products since until withdrawnAt } } }"""
UNGRANT = """mutation($i: WithdrawInput!) { withdrawGrant(input: $i) { revision repeated
  grant { id grantor grantee fields products withdrawnAt } } }"""
CERTIFY = """mutation($i: RegisterCertificateInput!) { registerCertificate(input: $i) { revision repeated
  certificate { number value product { key name site } facts { product } holder { code } } } }"""
DISPUTE = """mutation($i: OpenDisputeInput!) { openDispute(input: $i) { revision repeated
  dispute { id product openedBy reason } } }"""
SETTLE = """mutation($i: CloseDisputeInput!) { closeDispute(input: $i) { revision repeated
  dispute { id product outcome } } }"""
EXPORT = """mutation($i: RequestExportInput!) { requestExport(input: $i) { revision repeated
  export { id owner product country fields state until } } }"""
ROLES = "mutation($i: PutOrganisationInput!) { putOrganisation(input: $i) { revision } }"

# A key that S or B itself has used, and fresh ones: what the step fills in.
KEYS = st.sampled_from(["*", "*", "*", "k1", "k2"])


def stated(query: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Asked]:
    """A mutation with such an input."""
    return asked(query, i=st.fixed_dictionaries({"idempotencyKey": KEYS, **fields}))


CODES = st.sampled_from(["steel", "hid", "ghost", "new", "car", "", "a/b"])
AMOUNTS = st.sampled_from(["1", "0.5", "-1", "2e-3"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {"supplier": REF, "amount": AMOUNTS}, optional={"unit": st.sampled_from(["kg", "t", "piece"])}
    ),
    max_size=3,
)
GASES = st.lists(
    st.fixed_dictionaries({"gas": st.sampled_from(["CO2", "phlogiston"]), "kg": AMOUNTS}), max_size=2
)
# Mostly its own, so that loops through hidden recipes are closed, and sometimes what is not.
OWN = st.sampled_from(["b/car", "b/part", "b/car", "=part", "#b/car"]).map(Ref)
IDS = st.sampled_from(["r1", "r2", "r3", "o0", "o1", "g1", "g2", "h1", "h2", "none"]).map(Id)
FIELDS = st.lists(st.sampled_from(["IDENTITY", "RELEASE", "RECIPE"]), max_size=2)

PRODUCTS = (
    stated(REGISTER, code=CODES, name=st.just({"en": "new"}), declaredUnit=st.just("kg"))
    | stated(INPUTS, product=OWN | REF, inputs=ROWS)
    | stated(INPUTS, product=OWN, inputs=ROWS)
    | stated(INVENTORY, product=OWN | REF, emissions=GASES)
)
ACCESS = (
    stated(
        PUBLISH,
        product=OWN | REF,
        audience=st.lists(ORG, min_size=1, max_size=2),
        allowPartial=st.booleans(),
        byStage=st.booleans(),
    )
    | stated(UNPUBLISH, id=IDS)
    | stated(GRANT, grantee=ORG, fields=FIELDS, products=st.lists(OWN | REF, max_size=2))
    | stated(UNGRANT, id=IDS)
)
TRUST = (
    stated(DISPUTE, product=OWN | REF, reason=st.sampled_from(["wrong", ""]))
    | stated(SETTLE, id=st.sampled_from(["d1", "none"]).map(Id), outcome=st.just("settled"))
    | stated(
        EXPORT,
        product=OWN | REF,
        country=st.sampled_from(["DE", "CN", "X"]),
        fields=FIELDS,
        reason=st.just("CBAM"),
        until=st.sampled_from(["2027-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]),
    )
)
FACTS = st.fixed_dictionaries(
    {
        "number": st.sampled_from(["C1", "C2"]).map(Id),
        "holder": ORG,
        "scheme": st.just("CN-CFP"),
        "product": OWN | REF,
        "value": st.just("12"),
        "unit": st.just("kg"),
    }
)
OTHERS = stated(CERTIFY, certificate=FACTS) | stated(ROLES, id=ORG, name=st.just({"en": "x"}))
