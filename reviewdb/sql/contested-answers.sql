-- What coders say of a question on which they differ, paper by paper.
-- said: a JSON array of coder and answer
SELECT
  papers.key,
  now.question_id,
  json_group_array(
    json_array(
      now.coder,
      json((SELECT json_group_array(DISTINCT coalesce(code, text)) FROM answers WHERE decision_id = now.decision_id))
    )
  )
FROM current_decisions AS now
JOIN papers ON papers.id = now.paper_id
WHERE now.contested
GROUP BY now.paper_id, now.question_id
ORDER BY now.paper_id, now.question_id
