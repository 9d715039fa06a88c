"""Who may see what: one pure decision, deny by default, applied in one place before data leave.

A supplier's product is to everyone else the number that its owner released to them. What is more needs a
grant of the owner, or a role that reaches further; what leaves the country passes the export table too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from huren.auth.exports import Flow, export
from huren.auth.grounds import Basis, Ground
from huren.auth.principal import Principal
from huren.auth.roles import Reach, table
from huren.graph.model.access import EVERYONE, Effect, FieldClass, Role
from huren.graph.model.export import Approval
from huren.graph.model.grant import Grant
from huren.graph.model.terms import Purpose

RELEASED = frozenset({FieldClass.IDENTITY, FieldClass.RELEASE, FieldClass.QUALITY})
"""What a release shows of its product."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. ``country``: where the data would go; ``territory``: codes of the regions it answers for.

    ``administrator``: whether its token acts for the exchange itself.
    """

    org: str
    roles: frozenset[Role] = frozenset()
    country: str | None = None
    territory: frozenset[str] = frozenset()
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A product that is looked at, with what its owner lets the viewer see.

    ``audience``: who its standing releases are meant for; ``grants`` and ``approvals``: those on record
    for this viewer. ``sector``: its product class; ``disputed``: whether its release is in dispute.
    """

    product: str
    owner: str
    region: str | None = None
    country: str | None = None
    sector: str | None = None
    audience: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()
    approvals: tuple[Approval, ...] = ()
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The decision, and every ground that was looked at, the one that decided first."""

    effect: Effect
    why: tuple[Ground, ...] = field(default=())

    @property
    def shown(self) -> bool:
        """Whether anything at all may be seen."""
        return self.effect is not Effect.DENY

    @property
    def basis(self) -> Basis:
        """On what it rests."""
        return self.why[0].basis

    @property
    def restricted(self) -> Ground | None:
        """The ground that opened data which are neither public nor the viewer's own; None: nothing did."""
        return next((ground for ground in self.why if ground.basis.restricted), None) if self.shown else None


def decide(viewer: Viewer, subject: Subject, asked: str, purpose: str | None, now: datetime) -> Access:
    """Whether ``viewer`` may see the field class ``asked`` of ``subject`` for ``purpose`` (None: unnamed).

    Pure. Deny by default: an unknown field class or purpose, a country or sector that is not on record,
    and whatever has no ground, is denied. Source: S0-19, S1-9, S2-13, S3-24, S3-25.

    >>> decide(Viewer("a"), Subject("b/p", "b"), "recipe", None, datetime.max).effect
    <Effect.DENY: 'deny'>
    """
    if asked not in set(FieldClass):
        return Access(Effect.DENY, (Ground(Basis.UNKNOWN_FIELD),))
    if purpose is not None and purpose not in set(Purpose):
        return Access(Effect.DENY, (Ground(Basis.UNKNOWN_PURPOSE),))
    question = _Question(
        viewer, subject, FieldClass(asked), None if purpose is None else Purpose(purpose), now
    )
    looked = tuple(_grounds(question))
    holding = [ground for ground in looked if ground.basis.opens]
    if not holding:
        return Access(Effect.DENY, looked or (Ground(Basis.NONE),))
    if viewer.org == subject.owner or viewer.administrator:
        return Access(Effect.ALLOW, (holding[0],))
    flow = Flow(viewer.country, subject.country, subject.sector, question.field, subject.product, viewer.org)
    effect, gate = export(flow, subject.approvals, now)
    return Access(effect, (holding[0], gate) if effect is Effect.ALLOW else (gate, holding[0]))


@dataclass(frozen=True, slots=True)
class _Question:
    viewer: Viewer
    subject: Subject
    field: FieldClass
    purpose: Purpose | None
    now: datetime


def _grounds(asked: _Question) -> Iterator[Ground]:
    """Everything that could let the viewer see it, in the order in which it counts."""
    if asked.viewer.org == asked.subject.owner:
        yield Ground(Basis.OWNER)
    if asked.viewer.administrator:
        yield Ground(Basis.ADMINISTRATOR)
    if asked.field in RELEASED:
        yield from _released(asked)
    for grant in asked.subject.grants:
        yield from _granted(asked, grant)
    for role in sorted(asked.viewer.roles):
        yield from _reached(asked, role)


def _released(asked: _Question) -> Iterator[Ground]:
    audience = asked.subject.audience
    if EVERYONE not in audience and asked.viewer.org not in audience:
        return
    if asked.field is not FieldClass.IDENTITY and asked.subject.disputed:
        yield Ground(Basis.DISPUTED)
    else:
        yield Ground(Basis.PUBLIC if EVERYONE in audience else Basis.RELEASED)


def _granted(asked: _Question, grant: Grant) -> Iterator[Ground]:
    names = asked.field is FieldClass.IDENTITY
    meant = grant.grantee in (asked.viewer.org, EVERYONE)
    if not (meant and grant.covers(asked.subject.product, asked.subject.owner)):
        return
    if not (names or asked.field in grant.fields):
        return
    if not grant.holds(asked.now):
        yield Ground(Basis.GRANT_ENDED, grant.id)
    elif not names and grant.purposes and asked.purpose not in grant.purposes:
        yield Ground(Basis.OTHER_PURPOSE, grant.id)
    else:
        yield Ground(Basis.GRANTED, grant.id)


def _reached(asked: _Question, role: Role) -> Iterator[Ground]:
    reach = table()[role].reach.get(asked.field)
    if reach is Reach.ALL or (reach is Reach.REGION and asked.subject.region in asked.viewer.territory):
        yield Ground(Basis.ROLE, role.value)


def sees(viewer: Principal, owner: str) -> bool:
    """Whether ``viewer`` acts for ``owner``, or for the exchange itself.

    >>> sees(Principal("a", "cli", frozenset()), "b")
    False
    """
    return viewer.administrator or viewer.org == owner


def may_register(caller: Principal, holder: str, body: str | None) -> bool:
    """Whether ``caller`` may put a certificate of ``holder``, issued by ``body``, on record."""
    return caller.administrator or caller.org in (holder, body)


def may_change(caller: Principal, body: str | None) -> bool:
    """Whether ``caller`` may change the status of a certificate issued by ``body``: never its holder as such.

    >>> from huren.auth.principal import Principal
    >>> may_change(Principal("firm", "cli", frozenset()), None)
    False
    """
    return caller.administrator or (body is not None and caller.org == body)


def may_fulfil(caller: Principal, holder: str, body: str | None) -> bool:
    """Whether ``caller`` may record that a condition was met: its body or the administrator, not its holder.

    >>> may_fulfil(Principal("firm", "cli", frozenset()), "firm", "firm")
    False
    """
    return caller.administrator or (may_change(caller, body) and caller.org != holder)
