// Clients of the authorization server, the public keys of access tokens, and the states of tokens.
CREATE CONSTRAINT client_id IF NOT EXISTS FOR (n:Client) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT token_key_kid IF NOT EXISTS FOR (n:TokenKey) REQUIRE n.kid IS UNIQUE;
CREATE CONSTRAINT used_token_id IF NOT EXISTS FOR (n:UsedToken) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT revoked_token_id IF NOT EXISTS FOR (n:RevokedToken) REQUIRE n.id IS UNIQUE;
CREATE INDEX used_token_expires IF NOT EXISTS FOR (n:UsedToken) ON (n.expires);
CREATE INDEX revoked_token_expires IF NOT EXISTS FOR (n:RevokedToken) ON (n.expires);
