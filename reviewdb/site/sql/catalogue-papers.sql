-- What the page of papers sorts and counts by.
SELECT rowid, id, year, citations, title, status
FROM papers
ORDER BY id
