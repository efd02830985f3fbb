-- title: Headline figures
-- description: The figures that the mini-review leads with, derived from the decisions, beside what it prints. Of all included
-- papers: brain MRI counts papers whose only modality is structural brain MRI; brain counts structural or functional
-- brain MRI or head CT, but not diffusion MRI, which the mini-review lists and does not count.
WITH included AS (
  SELECT id FROM papers WHERE status = 'included'
),
coded AS (
  SELECT paper_id, question_id, code
  FROM paper_codes
  WHERE status = 'coded' AND NOT implied AND paper_id IN (SELECT id FROM included)
),
brain AS (
  SELECT DISTINCT paper_id
  FROM coded
  WHERE question_id = 'modality' AND code IN ('mri.brain', 'mri.functional', 'ct.head')
),
modalities AS (
  SELECT paper_id, count(*) AS n, min(code) AS only_code
  FROM coded
  WHERE question_id = 'modality'
  GROUP BY paper_id
),
figures (position, figure, papers) AS (
  SELECT 1, 'papers', count(*) FROM included
  UNION ALL
  SELECT 2, 'brain MRI', count(*) FROM modalities WHERE n = 1 AND only_code = 'mri.brain'
  UNION ALL
  SELECT 3, 'brain', count(*)
  FROM brain
  WHERE paper_id NOT IN (SELECT paper_id FROM coded WHERE question_id = 'modality' AND code = 'mri.dwi')
  UNION ALL
  SELECT 4, 'deviation-based', count(*) FROM coded WHERE question_id = 'deviation_based' AND code = 'yes'
  UNION ALL
  SELECT 5, 'motivated by label lack', count(*) FROM coded WHERE question_id = 'label_lack' AND code = 'yes'
)
SELECT
  figures.figure,
  figures.papers,
  round(100.0 * figures.papers / nullif((SELECT count(*) FROM included), 0), 2) AS percent,
  reported.value AS printed
FROM figures
LEFT JOIN reported ON reported.figure = figures.figure
ORDER BY figures.position
