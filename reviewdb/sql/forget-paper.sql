INSERT INTO paper_search (paper_search, rowid, title, abstract, authors, venue, terms)
SELECT 'delete', rowid, title, abstract, authors, venue, terms FROM papers WHERE id = ?
