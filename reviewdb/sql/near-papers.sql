-- Papers that rules take for perhaps the same as one, or for a version of it, most alike first.
WITH mine AS (SELECT record_id FROM paper_records WHERE paper_id = :paper),
near (record_id, score) AS (
  SELECT b, score FROM links WHERE a IN mine AND relation IN ('doubtful', 'version')
  UNION ALL
  SELECT a, score FROM links WHERE b IN mine AND relation IN ('doubtful', 'version')
)
SELECT papers.key, papers.title
FROM near JOIN paper_records USING (record_id) JOIN papers ON papers.id = paper_id
WHERE papers.id <> :paper
GROUP BY papers.id
ORDER BY max(score) DESC, papers.id
LIMIT 9
