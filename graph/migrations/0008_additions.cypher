// What is recorded of a certificate after its facts, and writes in the order in which they are told as changes.
CREATE CONSTRAINT certificate_addition_id IF NOT EXISTS FOR (n:CertificateAddition) REQUIRE n.id IS UNIQUE;
CREATE INDEX write_revision IF NOT EXISTS FOR (n:Write) ON (n.revision);
