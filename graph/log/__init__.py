"""The audit log: an RFC 6962 tree that only grows, kept in the graph, and its checkpoints outside it."""
