-- A paper as its coder reads it.
SELECT id, key, title, abstract, authors, venue, year, doi, url FROM papers WHERE id = ?
