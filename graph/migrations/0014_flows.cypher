// Requests to send footprint data abroad and what became of them; disputes about what is displayed.
CREATE CONSTRAINT export_id IF NOT EXISTS FOR (n:Export) REQUIRE n.id IS UNIQUE;
CREATE INDEX export_product IF NOT EXISTS FOR (n:Export) ON (n.product);
CREATE INDEX export_owner IF NOT EXISTS FOR (n:Export) ON (n.owner);
CREATE INDEX export_region IF NOT EXISTS FOR (n:Export) ON (n.region);
CREATE CONSTRAINT dispute_id IF NOT EXISTS FOR (n:Dispute) REQUIRE n.id IS UNIQUE;
CREATE INDEX dispute_product IF NOT EXISTS FOR (n:Dispute) ON (n.product);
