"""The request as GraphQL sees it: the context of the use cases, and one set of loaders."""

from __future__ import annotations

from dataclasses import dataclass, field

from strawberry.types import Info as StrawberryInfo

from huren.auth.principal import Principal
from huren.graph.model.text import Lang, Text
from huren.resolvers.context import Context, Exchange
from huren.schema.loaders import Loaders


@dataclass(slots=True)
class RequestContext(Context):
    """A :class:`Context` with loaders, which live and die with the request and so with its viewer."""

    loaders: Loaders = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders.of(self)

    @classmethod
    def of(
        cls, exchange: Exchange, caller: Principal, lang: Lang, request_id: str, purpose: str | None = None
    ) -> RequestContext:
        """The context of one request."""
        return cls(exchange, caller, lang, request_id, purpose)


Info = StrawberryInfo[RequestContext, None]


def say(info: Info, text: Text, lang: Lang | None) -> str:
    """``text`` in ``lang``, by default in the language the request prefers."""
    return text.say(lang or info.context.lang)
