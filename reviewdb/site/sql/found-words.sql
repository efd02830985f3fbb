-- Where the words of a search stand in the papers of shown.sql, between two marks that no text has.
-- :query  an FTS5 query
SELECT
  papers.id,
  highlight(shown, 0, char(2), char(3)) AS title,
  snippet(shown, 1, char(2), char(3), '…', 40) AS abstract,
  highlight(shown, 2, char(2), char(3)) AS authors,
  highlight(shown, 3, char(2), char(3)) AS venue,
  snippet(shown, 4, char(2), char(3), '…', 24) AS terms
FROM temp.shown
JOIN papers ON papers.rowid = shown.rowid
WHERE shown MATCH :query
