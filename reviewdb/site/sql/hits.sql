-- The rows of papers that match, and how well (less is better): a word in a title or a name weighs more than one in an
-- abstract, with the weights of the terminal's search. Asked for as `rank`, which is faster than calling bm25().
-- :query  an FTS5 query
SELECT rowid, rank
FROM paper_search
WHERE paper_search MATCH :query AND rank MATCH 'bm25(10, 4, 6, 2, 3, 10, 10)'
