// The public page finds a certificate by the number of its mark; facts recorded before have theirs in the text.
CREATE INDEX certificate_facts_mark IF NOT EXISTS FOR (n:CertificateFacts) ON (n.mark);
MATCH (f:CertificateFacts)
WHERE f.mark IS NULL AND f.facts CONTAINS '"mark_number":"'
SET f.mark = split(split(f.facts, '"mark_number":"')[1], '"')[0];
