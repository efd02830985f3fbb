-- :query  an FTS5 query
SELECT 1
FROM paper_search
WHERE paper_search MATCH :query
LIMIT 1
