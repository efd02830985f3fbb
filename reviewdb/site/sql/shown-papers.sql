-- :ids  JSON array of ids of papers
INSERT INTO temp.shown (rowid, title, abstract, authors, venue, terms, key, doi)
SELECT rowid, title, abstract, authors, venue, terms, key, doi
FROM papers
WHERE id IN (SELECT value FROM json_each(:ids))
