INSERT INTO paper_search (rowid, title, abstract, authors, venue, terms)
SELECT rowid, title, abstract, authors, venue, terms FROM papers WHERE id = ?
