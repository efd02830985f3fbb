INSERT INTO paper_search (paper_search, rowid, title, abstract, authors, venue, terms, key, doi)
SELECT 'delete', rowid, title, abstract, authors, venue, terms, key, doi FROM papers WHERE id = ?
