-- title: Coded papers
-- for: readers
-- description: The papers of the review, and how they are coded.
SELECT
  papers.key AS paper,
  papers.year,
$columns
FROM papers
WHERE papers.status = 'included'
ORDER BY papers.year, papers.key
