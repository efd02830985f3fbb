-- title: Modality by year
-- description: Papers of each year that show an imaging modality, in its broadest sense: as coded, of included papers, and, apart
-- from these, as only rules suggest, of papers that are not excluded. A paper with several modalities counts in each.
-- across: year
SELECT
  codes.label AS modality,
  paper_codes.status AS basis,
  papers.year,
  count(DISTINCT papers.id) AS papers
FROM papers
JOIN paper_codes ON paper_codes.paper_id = papers.id
JOIN codes ON codes.question_id = paper_codes.question_id AND codes.id = paper_codes.code
WHERE paper_codes.question_id = 'modality'
  AND codes.parent IS NULL
  AND papers.year IS NOT NULL
  AND (
    (paper_codes.status = 'coded' AND papers.status = 'included')
    OR (paper_codes.status = 'suggested' AND papers.status <> 'excluded')
  )
GROUP BY papers.year, codes.position, codes.label, paper_codes.status
ORDER BY codes.position, paper_codes.status, papers.year
