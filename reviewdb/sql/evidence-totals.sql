-- :rows, :columns  two facets, or `year`. On how many papers each code stands, counted as in evidence.sql; '' is any paper.
-- :status, :first, :last  as there
WITH wanted AS (
  SELECT id, year, status = :status AS chosen
  FROM papers
  WHERE (status <> 'excluded' OR :status = 'excluded')
    AND (:first IS NULL OR year >= :first)
    AND (:last IS NULL OR year <= :last)
)
SELECT question_id AS facet, code, sum(paper_codes.status = 'coded' AND chosen) AS coded, count(*) AS said, NULL AS newest
FROM paper_codes
JOIN wanted ON wanted.id = paper_codes.paper_id
WHERE question_id IN (:rows, :columns) AND paper_codes.status <> 'contested'
GROUP BY question_id, code
UNION ALL
SELECT 'year', CAST(year AS TEXT), sum(chosen), count(*), NULL
FROM wanted
WHERE 'year' IN (:rows, :columns) AND year IS NOT NULL
GROUP BY year
UNION ALL
SELECT '', '', coalesce(sum(chosen), 0), count(*), NULL
FROM wanted
