-- Every paper, in the order of the list of papers, with all that the full-text search looks at.
SELECT id, key, title, authors, year, venue, citations, status, reason, abstract, terms, doi
FROM papers
ORDER BY year DESC, title, id
