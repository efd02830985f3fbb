-- :ids  JSON array of ids of papers
SELECT id, key, title, authors, year, venue, citations, status, reason, abstract
FROM papers
WHERE id IN (SELECT value FROM json_each(:ids))
