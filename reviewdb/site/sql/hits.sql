-- The rows of papers that match, best first: a word in a title or a name weighs more than one in an abstract, as in the terminal.
-- :query  an FTS5 query
SELECT papers.rowid
FROM paper_search
JOIN papers ON papers.rowid = paper_search.rowid
WHERE paper_search MATCH :query
ORDER BY bm25(paper_search, 10, 4, 6, 2, 3, 10, 10), papers.id
