-- title: Table IV: brain MRI
-- for: readers
-- description: Papers on brain MRI, as Table IV of the mini-review prints them. Its caption says fMRI; its rows are structural MRI,
-- one of them diffusion MRI.
-- widths: paper 9, imaging_method 15, aim 25, applied_method 31
SELECT
  papers.key AS paper,
  papers.imaging_method,
  papers.aim,
  papers.applied_method
FROM papers
JOIN paper_codes AS listed ON listed.paper_id = papers.id
WHERE listed.question_id = 'cluster' AND listed.code = 'table_4' AND listed.status = 'coded'
  AND papers.status = 'included'
ORDER BY papers.id
