\set owner random(0, :partnerships - 1)
\set who :partnership_from + :owner
SELECT indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant, edition_id, value, decimals, numerator, denominator, flags, line_no FROM figure WHERE partnership_id = :who::int AND indicator_id = ANY(ARRAY(SELECT :indicator_from::int + n FROM generate_series(0, 79) n));
SELECT edition_id, line_no, content FROM generate_series(1, 80) AS wanted CROSS JOIN (SELECT id FROM edition WHERE partnership_id = :who::int ORDER BY id LIMIT 3) e JOIN published_line ON edition_id = e.id AND line_no = wanted;
