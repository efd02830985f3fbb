-- Take papers out of the search, which must hear the words that it was given.
INSERT INTO paper_search (paper_search, rowid, title, abstract, authors, venue, terms, key, doi)
SELECT 'delete', rowid, title, abstract, authors, venue, terms, key, doi
FROM paper_words
WHERE rowid IN (SELECT papers.rowid FROM papers WHERE papers.id IN (SELECT value FROM json_each(:ids)))
