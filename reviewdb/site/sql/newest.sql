-- :date  The papers that searches of that date found, and no search of an earlier one. One without a date came last.
-- :limit  at most so many are named; `new` counts all of them
WITH found (paper_id) AS (
  SELECT paper_arrivals.paper_id
  FROM searches
  JOIN paper_arrivals ON paper_arrivals.search_id = searches.id
  WHERE searches.date = :date AND searches.kind <> 'enrichment'
)
SELECT papers.key, papers.title, (SELECT count(*) FROM found) AS new
FROM (SELECT paper_id FROM found ORDER BY paper_id LIMIT :limit) AS named
JOIN papers ON papers.id = named.paper_id
ORDER BY papers.id
