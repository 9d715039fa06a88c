// Imports under way, for the sweep at a start.
CREATE INDEX write_lease IF NOT EXISTS FOR (n:Write) ON (n.leaseUntil);
// Nothing looks inputs up by their write alone, and keeping this index took a third of an import's time.
DROP INDEX needs_write IF EXISTS;
