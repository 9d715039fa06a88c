"""What has a global id, and how one page of a list is told."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

N = TypeVar("N")


@strawberry.interface(description="Something with a global id, which `node` finds again.")
class Node:
    """The Relay interface."""

    id: strawberry.ID = strawberry.field(description="Global id: opaque, and typed.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Of the Relay connection specification; pages go forward only."""

    has_next_page: bool = strawberry.field(description="Whether there are more after this page.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` to get the next page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked with `after`.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item.")


@strawberry.type(description="One item of a page.")
class Edge(Generic[N]):
    """An item and its place."""

    node: N = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="Its place in the list.")


def page_info(cursors: list[str], more: bool, after: str | None) -> PageInfo:
    """Of a page with these cursors."""
    return PageInfo(
        has_next_page=more,
        end_cursor=cursors[-1] if cursors else None,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
    )
