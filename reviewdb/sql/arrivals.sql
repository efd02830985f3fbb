-- The papers that a search found before any other did.
-- :limit  at most so many; -1: all
SELECT papers.key, papers.title
FROM paper_arrivals
JOIN papers ON papers.id = paper_arrivals.paper_id
WHERE paper_arrivals.search_id = :search
ORDER BY paper_arrivals.paper_id
LIMIT :limit
