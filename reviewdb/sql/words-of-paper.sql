-- What the search finds a paper by.
SELECT * FROM paper_words WHERE rowid = (SELECT rowid FROM papers WHERE id = :paper)
