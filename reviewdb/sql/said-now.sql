-- What people say about a paper now, codes as a JSON array.
SELECT
  now.question_id, now.coder, decisions.why, decisions.at, now.contested,
  (SELECT json_group_array(coalesce(code, text)) FROM answers WHERE decision_id = now.decision_id)
FROM current_decisions AS now JOIN decisions ON decisions.id = now.decision_id
WHERE now.paper_id = ?
ORDER BY now.coder
