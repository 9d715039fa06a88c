"""The rules of this version, one file each, and the whole list of the specification."""

from huren.mappings.rules.agreement import AGREEMENT
from huren.mappings.rules.agreement_object import AGREEMENT_OBJECT
from huren.mappings.rules.allocation import ALLOCATION
from huren.mappings.rules.biogenic import BIOGENIC
from huren.mappings.rules.body import BODY
from huren.mappings.rules.boundary import BOUNDARY
from huren.mappings.rules.category import CATEGORY
from huren.mappings.rules.cut_off import CUT_OFF
from huren.mappings.rules.data_quality import DATA_QUALITY
from huren.mappings.rules.direction import DIRECTION
from huren.mappings.rules.electricity_dataset import ELECTRICITY_DATASET
from huren.mappings.rules.electricity_method import ELECTRICITY_METHOD
from huren.mappings.rules.gases_covered import GASES_COVERED
from huren.mappings.rules.gwp_set import GWP_SET
from huren.mappings.rules.local_rule import LOCAL_RULE
from huren.mappings.rules.mark import MARK
from huren.mappings.rules.offsets import OFFSETS
from huren.mappings.rules.pilot_area import PILOT_AREA
from huren.mappings.rules.record_type import RECORD_TYPE
from huren.mappings.rules.reference_period import REFERENCE_PERIOD
from huren.mappings.rules.rule_status import RULE_STATUS
from huren.mappings.rules.rule_text import RULE_TEXT
from huren.mappings.rules.scope_identity import SCOPE_IDENTITY
from huren.mappings.rules.significance import SIGNIFICANCE
from huren.mappings.rules.transitivity import TRANSITIVITY
from huren.mappings.rules.unit import UNIT
from huren.mappings.rules.validity import VALIDITY
from huren.mappings.rules.verification import VERIFICATION

ALL = (
    AGREEMENT,
    AGREEMENT_OBJECT,
    DIRECTION,
    TRANSITIVITY,
    RECORD_TYPE,
    CATEGORY,
    PILOT_AREA,
    LOCAL_RULE,
    BODY,
    BOUNDARY,
    UNIT,
    RULE_TEXT,
    RULE_STATUS,
    GWP_SET,
    GASES_COVERED,
    CUT_OFF,
    ALLOCATION,
    ELECTRICITY_METHOD,
    ELECTRICITY_DATASET,
    BIOGENIC,
    OFFSETS,
    DATA_QUALITY,
    VERIFICATION,
    VALIDITY,
    SCOPE_IDENTITY,
    REFERENCE_PERIOD,
    MARK,
    SIGNIFICANCE,
)
"""Every rule that this version applies, in the order in which findings are given."""

# fmt: off
SPECIFIED = (
    "R1", "R2", "R3", "R4", "R5", "R6", "R6b", "R8", "R9", "R10", "R11", "R12", "R12b", "R14", "R14b",
    "R16", "R17", "R18", "R19", "R20", "R21", "R22", "R23", "R24", "R25", "R26", "R27", "R28",
)
# fmt: on
"""Every rule of the specification; R7, R13 and R15 do not exist."""
