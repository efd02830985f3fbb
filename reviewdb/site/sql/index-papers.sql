-- Every paper, in the order of the list of papers, with all that the full-text search looks at.
SELECT
  papers.id,
  papers.key,
  words.title,
  words.authors,
  papers.year,
  words.venue,
  papers.citations,
  papers.status,
  papers.reason,
  words.abstract,
  words.terms,
  words.doi
FROM papers
JOIN paper_words AS words ON words.rowid = papers.rowid
ORDER BY papers.year DESC, papers.title, papers.id
