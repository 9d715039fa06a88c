// Identity of releases and grants, and what they are looked up by.
CREATE CONSTRAINT release_id IF NOT EXISTS FOR (n:Release) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT grant_id IF NOT EXISTS FOR (n:Grant) REQUIRE n.id IS UNIQUE;
CREATE INDEX release_product IF NOT EXISTS FOR (n:Release) ON (n.product);
CREATE INDEX grant_grantee IF NOT EXISTS FOR (n:Grant) ON (n.grantee);
CREATE INDEX grant_grantor IF NOT EXISTS FOR (n:Grant) ON (n.grantor);
