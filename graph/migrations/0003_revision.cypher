// The one node that every write locks and counts up.
MERGE (r:Revision {id: 'graph'})
ON CREATE SET r.value = 0;
