SELECT rowid, id, year, citations, title, status
FROM papers
ORDER BY id
