-- title: $label by $other_name
-- description: Included papers that combine the two, as coded; a paper with several codes counts in each.
-- across: $other_label
-- keys: keys
SELECT
  down.label AS "$label",
  across.label AS "$other_label",
  count(*) AS papers,
  json_group_array(papers.key) AS keys
FROM papers
JOIN paper_codes AS a ON a.paper_id = papers.id AND a.question_id = '$id'
JOIN paper_codes AS b ON b.paper_id = papers.id AND b.question_id = '$other_id'
JOIN codes AS down ON down.question_id = a.question_id AND down.id = a.code
JOIN codes AS across ON across.question_id = b.question_id AND across.id = b.code
WHERE papers.status = 'included'
  AND a.status = 'coded' AND NOT a.implied
  AND b.status = 'coded' AND NOT b.implied
GROUP BY down.id, across.id
ORDER BY down.position, across.position
