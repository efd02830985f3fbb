-- :rows, :columns  two facets, or `year`. On how many papers each code stands, counted as in evidence.sql; '' is any paper.
SELECT question_id AS facet, code, sum(paper_codes.status = 'coded' AND papers.status = 'included') AS coded, count(*) AS said, NULL AS newest
FROM paper_codes
JOIN papers ON papers.id = paper_codes.paper_id
WHERE question_id IN (:rows, :columns) AND paper_codes.status <> 'contested' AND papers.status <> 'excluded'
GROUP BY question_id, code
UNION ALL
SELECT 'year', CAST(year AS TEXT), sum(status = 'included'), count(*), NULL
FROM papers
WHERE 'year' IN (:rows, :columns) AND year IS NOT NULL AND status <> 'excluded'
GROUP BY year
UNION ALL
SELECT '', '', coalesce(sum(status = 'included'), 0), count(*), NULL
FROM papers
WHERE status <> 'excluded'
