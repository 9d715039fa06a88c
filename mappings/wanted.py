"""A parameter of the destination as a rule may use it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from huren.graph.model.dated import Certainty, IfNotMet, Parameter, holds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """``value`` None: not known, so a rule that needs it is UNKNOWN naming ``name``.

    ``asked`` False: the scheme says nothing about it, and ``value`` is the default.
    """

    name: str
    value: T | None
    certainty: Certainty = Certainty.VERIFIED
    if_not_met: IfNotMet = IfNotMet.CONVERT
    asked: bool = False

    def agreed(self) -> Wanted[T]:
        """This parameter where the certificate agrees with it: what it does otherwise does not matter."""
        return replace(self, if_not_met=IfNotMet.CONVERT)


def wanted(name: str, parameter: Parameter[T] | None, at: datetime, default: T | None = None) -> Wanted[T]:
    """The value in force at ``at``; else ``default``; an uncertain one counts as not known."""
    if parameter is None or not holds(parameter.since, parameter.until, at):
        return Wanted(name, default)
    if parameter.certainty is Certainty.UNCERTAIN:
        return Wanted(name, None, parameter.certainty, parameter.if_not_met, asked=True)
    return Wanted(name, parameter.value, parameter.certainty, parameter.if_not_met, asked=True)
