-- title: Papers by $name
-- description: Included papers as coded; a paper with several codes counts in each.
-- keys: keys
SELECT
  codes.label AS "$label",
  count(*) AS papers,
  json_group_array(papers.key) AS keys
FROM papers
JOIN paper_codes AS said ON said.paper_id = papers.id AND said.question_id = '$id'
JOIN codes ON codes.question_id = said.question_id AND codes.id = said.code
WHERE papers.status = 'included' AND said.status = 'coded' AND NOT said.implied
GROUP BY codes.id
ORDER BY papers DESC, codes.position
