-- title: Coded papers
-- for: readers
-- description: The papers of the review, their methods and what they find.
SELECT
  papers.key AS paper,
  papers.title,
  papers.year,
  (
    SELECT group_concat(code, ', ')
    FROM paper_codes
    WHERE paper_id = papers.id AND question_id = 'method' AND paper_codes.status = 'coded' AND NOT implied
  ) AS methods,
  papers.finding
FROM papers
WHERE papers.status = 'included'
ORDER BY papers.year, papers.key
