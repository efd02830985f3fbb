-- The rows of papers that match, in no order.
-- :query  an FTS5 query
-- :most   no more than so many; -1: all
SELECT rowid
FROM paper_search
WHERE paper_search MATCH :query
LIMIT :most
