-- What the search finds a paper by.
SELECT title, abstract, authors, venue, terms, key, doi
FROM papers
WHERE id = :paper
