-- title: Search overlap
-- description: How many papers two searches have in common; a search with itself shows all that it found.
-- across: other
WITH found AS (
  SELECT DISTINCT records.search_id, paper_records.paper_id
  FROM records
  JOIN paper_records ON paper_records.record_id = records.id
  WHERE records.about IS NULL
)
SELECT a.search_id AS search, b.search_id AS other, count(*) AS papers
FROM found AS a
JOIN found AS b ON b.paper_id = a.paper_id
GROUP BY a.search_id, b.search_id
ORDER BY a.search_id, b.search_id
