-- How many pairs each rule relates, and how many of them grouping has set aside.
SELECT rule, relation, sum(NOT cut) AS pairs, sum(cut) AS set_aside
FROM links
WHERE rule NOT IN ('enrichment', 'correction')
GROUP BY rule, relation
ORDER BY
  CASE relation WHEN 'same' THEN 1 WHEN 'version' THEN 2 WHEN 'doubtful' THEN 3 ELSE 4 END,
  pairs DESC,
  rule
