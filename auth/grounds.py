"""On what a decision about sight rests: each basis by its meaning, with its texts beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from huren.graph.model.text import Text


class Basis(Enum):
    """Each with whether it opens, and what it says; ``{}`` stands for what it names."""

    OWNER = (True, "数据属于本机构", "the data are the viewer's own")
    ADMINISTRATOR = (True, "代表本平台查看", "it acts for the exchange itself")
    PUBLIC = (True, "所有者已向所有人发布", "the owner released it to everyone")
    RELEASED = (True, "所有者已向该机构发布", "the owner released it to this organisation")
    GRANTED = (True, "所有者已授权({})", "the owner granted it ({})")
    ROLE = (True, "角色“{}”的权限所及", "the role `{}` reaches it")
    NAMED = (True, "只是名称,不是足迹数据", "it only names the product, and is no footprint data")
    DOMESTIC = (True, "数据不出境", "the data stay in the country")
    EXPORT_ALLOWED = (True, "出境规则允许({})", "the export table allows it ({})")
    APPROVED = (True, "出境已获批准({})", "its export was approved ({})")
    EXPORT_AGGREGATE = (True, "出境规则只允许总量({})", "the export table lets only the total out ({})")
    NONE = (False, "没有任何依据", "there is no ground for it")
    UNKNOWN_FIELD = (False, "没有这类字段", "there is no such class of fields")
    UNKNOWN_PURPOSE = (False, "没有这种用途", "there is no such purpose")
    GRANT_ENDED = (False, "授权已失效或尚未生效({})", "the grant does not stand ({})")
    OTHER_PURPOSE = (False, "授权只限其他用途({})", "the grant is for other purposes ({})")
    DISPUTED = (False, "数值存在争议,暂停展示", "the value is in dispute, and not displayed until that ends")
    COUNTRY_UNKNOWN = (
        False,
        "接收方或数据所在国家未登记",
        "the country of the recipient or of the data is unknown",
    )
    EXPORT_NOT_LISTED = (
        False,
        "出境规则中没有对应的一行({})",
        "no row of the export table fits it ({})",
    )
    EXPORT_DENIED = (False, "出境规则禁止({})", "the export table forbids it ({})")
    APPROVAL_NEEDED = (False, "出境须先获批准({})", "its export needs an approval ({})")

    @property
    def opens(self) -> bool:
        """Whether it lets something be seen."""
        return self.value[0]

    @property
    def restricted(self) -> bool:
        """Whether what it opens is not open to everyone, nor the viewer's own: such reads are on record."""
        return self in (Basis.ADMINISTRATOR, Basis.RELEASED, Basis.GRANTED, Basis.ROLE)

    @property
    def code(self) -> str:
        """Its stable name."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Ground:
    """A basis, and the grant, role, row or approval that it names.

    ``illustrative``: it rests on data that are made up, for want of an operative text.
    """

    basis: Basis
    names: str = ""
    illustrative: bool = False

    @property
    def text(self) -> str:
        """Code and name, as the audit log has it.

        >>> Ground(Basis.ROLE, "bank").text
        'role bank'
        """
        return f"{self.basis.code} {self.names}".rstrip()

    @property
    def says(self) -> Text:
        """A sentence for people."""
        _, zh, en = self.basis.value
        made_up = Text("(示例数据)", " (illustrative)") if self.illustrative else Text()
        return Text(zh.format(self.names) + made_up.zh, en.format(self.names) + made_up.en)
