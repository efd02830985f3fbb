-- :query  an FTS5 query
SELECT rowid
FROM paper_search
WHERE paper_search MATCH :query
