"""What can be stated about who sees what: releases, grants, and who an organisation is."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model import organisation as model
from huren.graph.model.access import FieldClass, Role
from huren.graph.model.supply import GwpSet
from huren.graph.model.terms import Purpose
from huren.graph.model.text import Text
from huren.graph.writing import Answer
from huren.mappings.releasing import Terms
from huren.resolvers import organisations, releasing
from huren.resolvers.releasing import GrantTerms
from huren.schema.context import Info
from huren.schema.ids import key_of
from huren.schema.organisation import Organisation
from huren.schema.release import Grant, OwnRelease
from huren.schema.scalars import InstantText
from huren.schema.statements import KEY, TextInput


@strawberry.input(description="How the footprint of one's own product is released.")
class PublishReleaseInput:
    """The number is rolled up when it is released, as the caller sees its own chain."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    product: strawberry.ID = strawberry.field(description="One's own product: Relay id, key or code.")
    audience: list[str] = strawberry.field(description="Ids of organisations, or `*` alone for everyone.")
    gwp: GwpSet = strawberry.field(default=GwpSet.AR6, description="Set of GWP factors.")
    digits: int = strawberry.field(default=3, description="Significant digits: 1 to 15.")
    by_stage: bool = strawberry.field(default=False, description="Whether the breakdown by stage is shown.")
    to_grave: bool = strawberry.field(
        default=False, description="Whether distribution, use and end of life are included."
    )
    valid_until: InstantText | None = strawberry.field(default=None, description="Until when it is stated.")
    allow_partial: bool = strawberry.field(
        default=False, description="Release it although the chain is not completely known."
    )
    for_statistics: bool = strawberry.field(
        default=False, description="Whether it counts in statistics; not for a public one."
    )

    def terms(self) -> Terms:
        """The door to the domain."""
        return Terms(
            key_of("Product", self.product),
            tuple(self.audience),
            self.gwp,
            self.digits,
            self.by_stage,
            self.to_grave,
            self.valid_until,
            self.allow_partial,
            self.for_statistics,
        )


@strawberry.input(description="What is granted to whom.")
class GrantAccessInput:
    """Of one's own products."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    grantee: str = strawberry.field(description="Id of an organisation; `*` for everyone.")
    fields: list[FieldClass] = strawberry.field(description="What may be seen.")
    purposes: list[Purpose] = strawberry.field(
        default_factory=list, description="What for; none: any purpose."
    )
    products: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Which products; none: all of one's own, later ones too."
    )
    since: InstantText | None = strawberry.field(default=None, description="From when; default: now.")
    until: InstantText | None = strawberry.field(default=None, description="Before when; default: no end.")

    def terms(self) -> GrantTerms:
        """The door to the domain."""
        return GrantTerms(
            self.grantee,
            tuple(self.fields),
            tuple(self.purposes),
            tuple(key_of("Product", ref) for ref in self.products),
            self.since,
            self.until,
        )


@strawberry.input(description="What is taken back.")
class WithdrawInput:
    """A release or a grant."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    id: strawberry.ID = strawberry.field(description="Its id.")


@strawberry.input(description="Who an organisation is to the exchange.")
class PutOrganisationInput:
    """Replaces what was on record of it."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    id: str = strawberry.field(description="Its USCC, or a short name if it is foreign.")
    name: TextInput = strawberry.field(description="Its name.")
    uscc: str | None = strawberry.field(default=None, description="Unified social credit code.")
    country: str | None = strawberry.field(default=None, description="Of its seat: ISO 3166-1 alpha-2.")
    region: str | None = strawberry.field(
        default=None, description="Code of the region that it answers for, or sits in."
    )
    roles: list[Role] = strawberry.field(default_factory=list, description="What it is; none: a firm.")

    def value(self) -> model.Organisation:
        """The door to the domain."""
        name: Text = self.name.value()
        return model.Organisation(self.id, name, self.uscc, self.country, self.region, frozenset(self.roles))


@strawberry.type(description="What a write about a release did.")
class ReleasePayload:
    """The release as it stands now."""

    release: OwnRelease = strawberry.field(description="The release.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


@strawberry.type(description="What a write about a grant did.")
class GrantPayload:
    """The grant as it stands now."""

    grant: Grant = strawberry.field(description="The grant.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


@strawberry.type(description="What a write about an organisation did.")
class OrganisationPayload:
    """The organisation as it stands now."""

    organisation: Organisation = strawberry.field(description="The organisation.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")


Put = Annotated[PublishReleaseInput, strawberry.argument(description="What is released.")]
PutGrant = Annotated[GrantAccessInput, strawberry.argument(description="What is granted.")]
PutOrganisation = Annotated[PutOrganisationInput, strawberry.argument(description="What is stated.")]
Back = Annotated[WithdrawInput, strawberry.argument(description="What is taken back.")]


@strawberry.type
class AccessMutation:
    """Mixed into the root of writes."""

    @strawberry.mutation(description="Release the footprint of one's own product; needs `release:write`.")
    async def publish_release(self, info: Info, input: Put) -> ReleasePayload | None:
        answer = await releasing.publish(info.context, input.idempotency_key, input.terms())
        return await _release(info, answer)

    @strawberry.mutation(description="Take back a release: the next request does not see it any more.")
    async def withdraw_release(self, info: Info, input: Back) -> ReleasePayload | None:
        return await _release(info, await releasing.withdraw(info.context, input.idempotency_key, input.id))

    @strawberry.mutation(description="Grant sight of one's own products; needs `release:write`.")
    async def grant_access(self, info: Info, input: PutGrant) -> GrantPayload | None:
        answer = await releasing.give(info.context, input.idempotency_key, input.terms())
        return await _grant(info, answer)

    @strawberry.mutation(description="End a grant: the next request does not see by it any more.")
    async def withdraw_grant(self, info: Info, input: Back) -> GrantPayload | None:
        return await _grant(info, await releasing.take_back(info.context, input.idempotency_key, input.id))

    @strawberry.mutation(description="State who an organisation is; needs `exchange:administer`.")
    async def put_organisation(self, info: Info, input: PutOrganisation) -> OrganisationPayload | None:
        answer = await organisations.put(info.context, input.idempotency_key, input.value())
        found = await organisations.on_record(info.context, answer.body["id"])
        return OrganisationPayload(
            organisation=Organisation.of(found), revision=str(answer.revision), repeated=answer.repeated
        )


async def _release(info: Info, answer: Answer) -> ReleasePayload:
    found = await releasing.on_record(info.context, answer.body["id"])
    return ReleasePayload(
        release=OwnRelease.of(found), revision=str(answer.revision), repeated=answer.repeated
    )


async def _grant(info: Info, answer: Answer) -> GrantPayload:
    found = await releasing.grant_on_record(info.context, answer.body["id"])
    return GrantPayload(grant=Grant.of(found), revision=str(answer.revision), repeated=answer.repeated)
