"""Who may see what: one pure decision, deny by default, applied before data leave."""

from __future__ import annotations

from huren.auth.principal import Principal


def sees(viewer: Principal, owner: str) -> bool:
    """Whether ``viewer`` may see the products that the organisation ``owner`` owns, recipes included.

    >>> from huren.auth.principal import Principal
    >>> sees(Principal("a", "cli", frozenset()), "b")
    False
    """
    return viewer.administrator or viewer.org == owner


def owners(viewer: Principal) -> tuple[str, ...] | None:
    """The organisations whose products ``viewer`` may see; None for all of them.

    A filter for reads: ``owner in owners(viewer)`` agrees with :func:`sees` for every owner.
    """
    return None if viewer.administrator else (viewer.org,)
