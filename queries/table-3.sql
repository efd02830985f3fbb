-- title: Table III: brain CT, fMRI and mixed
-- for: readers
-- description: Papers on brain CT, brain fMRI and mixed images, as Table III of the mini-review prints them. Its text credits
-- SegAE to the fifth row; Table IV shows it in its first row.
-- widths: paper 9, imaging_method 15, aim 25, applied_method 31
SELECT
  papers.key AS paper,
  papers.imaging_method,
  papers.aim,
  papers.applied_method
FROM papers
JOIN paper_codes AS listed ON listed.paper_id = papers.id
WHERE listed.question_id = 'cluster' AND listed.code = 'table_3' AND listed.status = 'coded'
  AND papers.status = 'included'
ORDER BY papers.id
