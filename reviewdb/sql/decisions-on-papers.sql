-- What was said of papers in the codes of now, paper by paper in the order of time; the evidence of rules is left out.
-- key: none of a paper that an update is about to file.
-- :first, :last  a range of ids of papers, which an index finds; :rules  1: what rules say, too
SELECT
  paper_records.paper_id, papers.key, d.id, d.coder, d.record_id, d.question_id, d.at, d.why, d.settles, d.withdrawn,
  coalesce(d.undoes, ''), d.reopened,
  (SELECT json_group_array(DISTINCT coalesce(code, text)) FROM answers WHERE decision_id = d.id)
FROM paper_records
LEFT JOIN papers ON papers.id = paper_records.paper_id
JOIN decisions AS d ON d.record_id = paper_records.record_id
WHERE paper_records.paper_id BETWEEN :first AND :last AND (:rules OR d.coder NOT LIKE 'rule:%')
ORDER BY paper_records.paper_id, d.at, d.coder, d.id
