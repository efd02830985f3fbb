-- title: Modality by supervision
-- description: How many included papers combine an imaging modality with a level of supervision, as coded; a paper with several
-- codes counts in each. Supervision is the level that coders decided by the review's definitions; the mini-review states
-- it for four papers only.
-- across: supervision
SELECT
  image.label AS modality,
  other.label AS supervision,
  count(DISTINCT papers.id) AS papers
FROM papers
JOIN paper_codes AS a ON a.paper_id = papers.id AND a.question_id = 'modality'
JOIN paper_codes AS b ON b.paper_id = papers.id AND b.question_id = 'supervision.coded'
JOIN codes AS image ON image.question_id = a.question_id AND image.id = a.code
JOIN codes AS other ON other.question_id = b.question_id AND other.id = b.code
WHERE papers.status = 'included'
  AND a.status = 'coded' AND NOT a.implied
  AND b.status = 'coded' AND NOT b.implied
GROUP BY image.position, image.label, other.position, other.label
ORDER BY image.position, other.position
