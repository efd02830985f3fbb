-- title: Modality by method
-- description: How many included papers combine an imaging modality with a method, as coded; a paper with several codes counts in
-- each. It counts under the code that it was given alone: head CT has a row of its own, and CT has those coded no finer.
-- across: method
-- keys: keys
SELECT
  image.label AS modality,
  other.label AS method,
  count(DISTINCT papers.id) AS papers,
  json_group_array(DISTINCT papers.key) AS keys
FROM papers
JOIN paper_codes AS a ON a.paper_id = papers.id AND a.question_id = 'modality'
JOIN paper_codes AS b ON b.paper_id = papers.id AND b.question_id = 'method'
JOIN codes AS image ON image.question_id = a.question_id AND image.id = a.code
JOIN codes AS other ON other.question_id = b.question_id AND other.id = b.code
WHERE papers.status = 'included'
  AND a.status = 'coded' AND NOT a.implied
  AND b.status = 'coded' AND NOT b.implied
GROUP BY image.position, image.label, other.position, other.label
ORDER BY image.position, other.position
