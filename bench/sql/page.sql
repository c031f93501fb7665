\set owner random(0, :partnerships - 1)
\set quarter random(4, :quarters - 1)
\set who :partnership_from + :owner
\set period :period_from + :quarter
SELECT indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant, edition_id, value, decimals, numerator, denominator, flags, line_no FROM figure WHERE kind = 0 AND partnership_id = :who::int AND period_id = :period::int ORDER BY partnership_id, period_id, indicator_id, kind, area_id, breakdown_id, measure, line_variant, edition_id LIMIT 127;
SELECT edition_id, line_no, content FROM generate_series(1, 100) AS wanted CROSS JOIN (SELECT id FROM edition WHERE partnership_id = :who::int ORDER BY id LIMIT 1) e JOIN published_line ON edition_id = e.id AND line_no = wanted;
