// Releases are counted by the quarter in which they were recorded.
CREATE INDEX release_recorded_at IF NOT EXISTS FOR (n:Release) ON (n.recordedAt);
