"""Schemes in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

from huren.graph.model import scheme as model
from huren.graph.model.terms import Level, RecordType
from huren.schema.context import Info, say
from huren.schema.dated import TextEvent, when
from huren.schema.mirror import mirrored, shown
from huren.schema.region import InLang
from huren.schema.scalars import InstantText, WhenText

if TYPE_CHECKING:
    Facts = Any
else:
    Facts = mirrored(model.Scheme, put=False)


@strawberry.type(description="A certification scheme, standard or record format.")
class Scheme:
    """A scheme by its id."""

    value: strawberry.Private[model.Scheme]
    id: strawberry.ID = strawberry.field(description="Plain id such as CN-CFP; also a `destination`.")
    operator: str | None = strawberry.field(description="Who runs it.")
    level: Level = strawberry.field(description="Who made it.")
    base_standard: str | None = strawberry.field(description="Standard it stands on.")
    uses: str | None = strawberry.field(
        description="Id of the scheme whose approvals, rules and validity it takes."
    )
    issued_in: list[str] = strawberry.field(description="Regions on whose side its certificates stand.")
    accepted_in: list[str] = strawberry.field(description="Regions where it accepts.")
    except_in: list[str] = strawberry.field(description="Regions left out of these.")
    effective: WhenText | None = strawberry.field(description="First day in force.")
    ended: WhenText | None = strawberry.field(description="Last day in force.")
    source: str = strawberry.field(description="Where all this is written.")
    illustrative: bool = strawberry.field(description="Made up to show how the exchange works.")
    recorded_at: InstantText | None = strawberry.field(
        description="When the exchange learnt of it as it stands here; null: with the shipped data."
    )

    @strawberry.field(description="Everything it states.")
    def facts(self) -> Facts:
        return shown(self.value)

    @strawberry.field(description="Name of the scheme.")
    def name(self, info: Info, lang: InLang = None) -> str:
        return say(info, self.value.name, lang)

    @strawberry.field(description="Kinds of record it issues; null where that is not known.")
    def record_types(self) -> list[RecordType] | None:
        kinds = self.value.record_types
        return sorted(kinds.value) if kinds and kinds.value else None

    @strawberry.field(description="The mark that goods may carry; null: none, or not known.")
    def mark(self, info: Info, lang: InLang = None) -> str | None:
        mark = self.value.mark
        return say(info, mark.value, lang) if mark and mark.value else None

    @strawberry.field(description="Categories it takes; null: every one, or not known.")
    def categories(self) -> list[str] | None:
        listed = self.value.categories
        return [row.category or "" for row in listed.value] if listed and listed.value else None

    @strawberry.field(description="Its changes of state.")
    def events(self) -> list[TextEvent]:
        return TextEvent.all_of(self.value.events)

    @classmethod
    def of(cls, value: model.Scheme) -> Scheme:
        """The door from the domain."""
        return cls(
            value=value,
            id=strawberry.ID(value.id),
            operator=value.operator,
            level=value.level,
            base_standard=value.base_standard,
            uses=value.uses,
            issued_in=list(value.issued_in),
            accepted_in=list(value.accepted_in),
            except_in=list(value.except_in),
            effective=when(value.effective),
            ended=when(value.ended),
            source=value.source,
            illustrative=value.illustrative,
            recorded_at=None if value.recorded_at is None else InstantText(value.recorded_at),
        )
