-- Put a paper into the full-text index.
INSERT INTO paper_search (rowid, title, abstract, authors, venue, terms, key, doi)
SELECT rowid, title, abstract, authors, venue, terms, key, doi
FROM paper_words
WHERE rowid = (SELECT rowid FROM papers WHERE id = ?)
