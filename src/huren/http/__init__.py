"""HTTP: who asks, what the body is, which media type and status the answer has."""
