-- :ids  JSON array of ids of papers
INSERT INTO temp.shown (rowid, title, abstract, authors, venue, terms, key, doi)
SELECT rowid, title, abstract, authors, venue, terms, key, doi
FROM paper_words
WHERE rowid IN (SELECT papers.rowid FROM papers WHERE papers.id IN (SELECT value FROM json_each(:ids)))
