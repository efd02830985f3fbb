-- Take a paper out of the full-text index, as long as its row is as it was indexed.
INSERT INTO paper_search (paper_search, rowid, title, abstract, authors, venue, terms, key, doi)
SELECT 'delete', rowid, title, abstract, authors, venue, terms, key, doi FROM papers WHERE id = ?
