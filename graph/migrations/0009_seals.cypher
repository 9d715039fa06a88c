// Identity of sealed decisions, and of the keys that seal them.
CREATE CONSTRAINT sealed_decision_id IF NOT EXISTS FOR (n:SealedDecision) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT seal_key_kid IF NOT EXISTS FOR (n:SealKey) REQUIRE n.kid IS UNIQUE;
CREATE CONSTRAINT seal_key_end_kid IF NOT EXISTS FOR (n:SealKeyEnd) REQUIRE n.kid IS UNIQUE;
