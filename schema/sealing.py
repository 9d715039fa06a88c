"""Sealed decisions in GraphQL."""

from __future__ import annotations

import strawberry

from huren.graph.model import seal
from huren.graph.model.terms import Purpose
from huren.mappings import replaying
from huren.resolvers import sealing
from huren.resolvers.recognition import Case
from huren.schema.decision import Decision
from huren.schema.ids import key_of
from huren.schema.scalars import InstantText
from huren.schema.statements import KEY


@strawberry.input(description="A question of recognition whose answer is to be signed and kept.")
class SealDecisionInput:
    """As `recognise` takes it."""

    idempotency_key: strawberry.ID = strawberry.field(description=KEY)
    certificate: str = strawberry.field(description="Number of the certificate, or its Relay id.")
    destination: str = strawberry.field(
        description="Id of a scheme, or code of a region, district or alliance."
    )
    purpose: Purpose = strawberry.field(description="What the certificate is to be used for.")
    as_of: InstantText | None = strawberry.field(
        default=None, description="Instant the question is about; default: now."
    )
    known_at: InstantText | None = strawberry.field(
        default=None, description="Only what was recorded by then counts; default: all of it."
    )

    against: str | None = strawberry.field(
        default=None, description="Certificate that its value is to be compared with: number, or Relay id."
    )

    def case(self) -> Case:
        """The door to the domain."""
        other = self.against and key_of("Certificate", self.against)
        return Case(self.destination, self.purpose, self.as_of, self.known_at, other)

    def number(self) -> str:
        """Of the certificate."""
        return key_of("Certificate", self.certificate)


@strawberry.type(
    description="A decision, signed; anyone can check it with the keys at /.well-known/huren/jwks."
)
class SealedDecision:
    """It never changes."""

    id: strawberry.ID = strawberry.field(description="Under which it is found again.")
    jws: str = strawberry.field(description="The compact JWS over the canonical JSON of the decision.")
    kid: str = strawberry.field(description="The key that signed: its thumbprint (RFC 7638).")
    sealed_at: InstantText = strawberry.field(description="When it was signed.")
    digest: str = strawberry.field(description="SHA-256 of the payload, hexadecimal.")

    @classmethod
    def of(cls, value: seal.SealedDecision) -> SealedDecision:
        """The door from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            jws=value.jws,
            kid=value.kid,
            sealed_at=InstantText(value.sealed_at),
            digest=value.digest,
        )


@strawberry.type(description="What a seal did.")
class SealDecisionPayload:
    """The signed decision, and the decision to read."""

    sealed: SealedDecision = strawberry.field(description="As signed and stored.")
    decision: Decision = strawberry.field(description="What was decided.")
    revision: str = strawberry.field(description="Revision of the graph that the write made.")
    recorded_at: InstantText = strawberry.field(description="When it was recorded.")
    repeated: bool = strawberry.field(description="Whether it had been done before, under this key.")

    @classmethod
    def of(cls, value: sealing.Sealed) -> SealDecisionPayload:
        """The door from the domain."""
        return cls(
            sealed=SealedDecision.of(value.sealed),
            decision=Decision.of(value.answer),
            revision=str(value.write.revision),
            recorded_at=InstantText(value.write.recorded_at),
            repeated=value.write.repeated,
        )


@strawberry.type(description="One place in which the decision is another now.")
class ReplayDifference:
    """Values as texts, records as canonical JSON."""

    path: str = strawberry.field(description="JSON Pointer into the sealed payload; /- for what is new.")
    sealed: str | None = strawberry.field(description="What was sealed; null where nothing stood there.")
    now: str | None = strawberry.field(description="What it is now; null where nothing stands there.")

    @classmethod
    def of(cls, value: replaying.Difference) -> ReplayDifference:
        """The door from the domain."""
        return cls(path=value.path, sealed=value.sealed, now=value.now)


@strawberry.type(description="What changed since in the engine or a rule: the likely cause of a difference.")
class ReplayCause:
    """A version or edition, then and now."""

    what: str = strawberry.field(description="`engine`, or the id of a rule.")
    sealed: str | None = strawberry.field(description="Then; null where the rule was not applied.")
    now: str | None = strawberry.field(description="Now; null where the rule is not applied.")

    @classmethod
    def of(cls, value: replaying.Cause) -> ReplayCause:
        """The door from the domain."""
        return cls(what=value.what, sealed=value.sealed, now=value.now)


@strawberry.type(description="A sealed decision that was checked, and its question asked again.")
class Replay:
    """With the sealed `asOf` and `knownAt`."""

    same: bool = strawberry.field(description="Whether the decision is the same in every part.")
    differences: list[ReplayDifference] = strawberry.field(description="Every place that differs.")
    causes: list[ReplayCause] = strawberry.field(description="Changes of the engine and the rules since.")
    decision: Decision = strawberry.field(description="What is decided now.")

    @classmethod
    def of(cls, value: sealing.Replay) -> Replay:
        """The door from the domain."""
        return cls(
            same=not value.differences,
            differences=[ReplayDifference.of(each) for each in value.differences],
            causes=[ReplayCause.of(each) for each in value.causes],
            decision=Decision.of(value.answer),
        )
