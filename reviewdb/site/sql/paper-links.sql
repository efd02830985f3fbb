-- Why records of this paper are, may be or are not one with others; `other` is the paper at the far end.
WITH own AS (
  SELECT record_id FROM paper_records WHERE paper_id = :paper
),
near (relation, rule, score, reason, coder, cut, mine, far) AS (
  SELECT relation, rule, score, reason, coder, cut, a, b FROM links WHERE a IN (SELECT record_id FROM own)
  UNION ALL
  SELECT relation, rule, score, reason, coder, cut, b, a
  FROM links
  WHERE b IN (SELECT record_id FROM own) AND a NOT IN (SELECT record_id FROM own)
)
SELECT near.*, papers.id AS other, papers.title, papers.year
FROM near
JOIN paper_records ON paper_records.record_id = near.far
JOIN papers ON papers.id = paper_records.paper_id
WHERE near.rule <> 'correction'
ORDER BY near.relation, near.score DESC, near.far
