-- Where the words of a search stand in some papers, between two marks that no text has.
-- :query  an FTS5 query
-- :ids  JSON array of ids of papers
SELECT
  papers.id,
  highlight(paper_search, 0, char(2), char(3)) AS title,
  snippet(paper_search, 1, char(2), char(3), '…', 40) AS abstract,
  highlight(paper_search, 2, char(2), char(3)) AS authors,
  highlight(paper_search, 3, char(2), char(3)) AS venue,
  snippet(paper_search, 4, char(2), char(3), '…', 24) AS terms
FROM papers
-- CROSS: these few papers are looked up in the index, not all that match in these few.
CROSS JOIN paper_search ON paper_search.rowid = papers.rowid
WHERE papers.id IN (SELECT value FROM json_each(:ids)) AND paper_search MATCH :query
