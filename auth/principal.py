"""Who asks: an organisation, the client that speaks for it, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

from huren.auth.scopes import EXCHANGE_ADMINISTER, SCOPES
from huren.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request. ``org`` is an organisation id, ``client`` names the software in the log."""

    org: str
    client: str
    scopes: frozenset[str]

    @property
    def administrator(self) -> bool:
        """Whether the caller sees every organisation's data."""
        return EXCHANGE_ADMINISTER in self.scopes

    def may(self, scope: str) -> bool:
        """Whether the caller holds ``scope``."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises: Forbidden, naming the missing scope and what it permits."""
        if not self.may(scope):
            says = SCOPES[scope]
            raise Forbidden(
                f"the token lacks the scope `{scope}` ({says.en})",
                f"令牌缺少权限 `{scope}`({says.zh})",
                fix=f"Ask with a token that holds `{scope}`.",
                fix_zh=f"请使用含 `{scope}` 权限的令牌。",
            )
