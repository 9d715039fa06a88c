// Identity of the records that say what is the same, and of penalties.
CREATE CONSTRAINT equivalence_id IF NOT EXISTS FOR (n:Equivalence) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT scale_map_id IF NOT EXISTS FOR (n:ScaleMap) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT sanction_id IF NOT EXISTS FOR (n:Sanction) REQUIRE n.id IS UNIQUE;
