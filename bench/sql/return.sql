\set owner random(0, :partnerships - 1)
\set who :partnership_from + :owner
\set number random(1, 2000000000)
\set other random(1, 2000000000)
BEGIN;
INSERT INTO idempotency_key (subject, key, request_hash, outcome, created_at) VALUES ('pgbench', (:number::text || '-' || :other::text), 'hash', '', 0);
SELECT r.public_id FROM edition e JOIN publication p ON p.edition_id = e.id JOIN indicator_return r ON r.id = e.return_id WHERE e.partnership_id = :who::int AND e.collection_id = 0 AND e.kind = 'RETURN' AND p.effective_at IS NOT NULL ORDER BY e.id DESC LIMIT 1;
WITH new AS (INSERT INTO report (id, partnership_id, content, created_at) VALUES (gen_random_uuid(), :who::int, '{}', 0) RETURNING id), kept AS (INSERT INTO indicator_return (public_id, partnership_id, collection_id, state, version, report_id, revision, created_by, created_at) SELECT gen_random_uuid(), :who::int, :who::int, 'WITHDRAWN', 1, id, 1, 'pgbench', 0 FROM new RETURNING id) INSERT INTO return_line (return_id, line_no, content) SELECT id, n, repeat('x', 200) FROM kept, generate_series(1, 80) n;
INSERT INTO audit_head (chain, seq, hash) VALUES (('pgbench-' || :owner::text), 0, '') ON CONFLICT (chain) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash;
UPDATE audit_head SET seq = seq + 1 WHERE chain = ('pgbench-' || :owner::text);
INSERT INTO audit (chain, seq, at, subject, action, object, after, hash) SELECT chain, seq, 0, 'pgbench', 'RETURN_CREATED', 'returns', repeat('x', 16000), '' FROM audit_head WHERE chain = ('pgbench-' || :owner::text);
UPDATE idempotency_key SET outcome = repeat('x', 700) WHERE subject = 'pgbench' AND key = (:number::text || '-' || :other::text);
COMMIT;
