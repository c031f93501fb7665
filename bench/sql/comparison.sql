\set first random(0, :indicators - 10)
\set owner random(0, :partnerships - 1)
\set quarter random(5, :quarters - 1)
\set who :partnership_from + :owner
\set from :indicator_from + :first
\set p0 :period_from + :quarter
\set p1 :p0 - 1
\set p4 :p0 - 4
\set p5 :p0 - 5
SELECT indicator_id, period_id, kind, partnership_id, area_id, breakdown_id, measure, line_variant, edition_id, value, decimals, numerator, denominator, flags, line_no FROM generate_series(:from::int, :from::int + 9) AS wanted_indicator CROSS JOIN unnest(ARRAY[:p0::int, :p1::int, :p4::int, :p5::int]) AS wanted_period JOIN figure ON indicator_id = wanted_indicator AND period_id = wanted_period WHERE kind = ANY(ARRAY[0, 1]) AND partnership_id = ANY(ARRAY(SELECT :partnership_from::int + (:owner::int + 7 * n) % :partnerships::int FROM generate_series(0, 14) n));
SELECT return_id, line_no, content FROM reported_comparison WHERE partnership_id = :who::int AND edition_id IS NOT NULL;
