// The audit log as a tree: each entry has its place, each complete subtree its hash.
CREATE CONSTRAINT log_entry_position IF NOT EXISTS FOR (n:LogEntry) REQUIRE n.position IS UNIQUE;
CREATE CONSTRAINT log_node_place IF NOT EXISTS FOR (n:LogNode) REQUIRE (n.level, n.index) IS UNIQUE;
CREATE CONSTRAINT log_head_id IF NOT EXISTS FOR (n:LogHead) REQUIRE n.id IS UNIQUE;
CREATE INDEX log_entry_owner IF NOT EXISTS FOR (n:LogEntry) ON (n.owner, n.position);
