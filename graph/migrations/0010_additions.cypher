// Identity of what is recorded of a certificate after its facts.
CREATE CONSTRAINT certificate_addition_id IF NOT EXISTS FOR (n:CertificateAddition) REQUIRE n.id IS UNIQUE;
