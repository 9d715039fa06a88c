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
