// Releases are found by whom they are meant for, products by the region of their inventories.
CREATE CONSTRAINT audience_name IF NOT EXISTS FOR (n:Audience) REQUIRE n.name IS UNIQUE;
CREATE INDEX inventory_region IF NOT EXISTS FOR (n:Inventory) ON (n.region);
MATCH (r:Release) WHERE NOT (r)-[:FOR]->()
UNWIND r.audience AS name
MERGE (a:Audience {name: name})
MERGE (r)-[:FOR]->(a);
