"""The exchange and the keys that the tests over HTTP have."""

from tests.http.conftest import exchange, keys

__all__ = ["exchange", "keys"]
