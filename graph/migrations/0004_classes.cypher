// Identity of the reference records that relate codes and regions.
CREATE CONSTRAINT code_map_id IF NOT EXISTS FOR (n:CodeMap) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT membership_id IF NOT EXISTS FOR (n:Membership) REQUIRE n.id IS UNIQUE;
