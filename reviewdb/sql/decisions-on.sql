SELECT d.id, d.coder, d.record_id, d.question_id, d.at, d.why, d.settles, d.withdrawn OR d.reopened, coalesce(d.undoes, ''),
       (SELECT json_group_array(DISTINCT coalesce(code, text)) FROM answers WHERE decision_id = d.id)
FROM paper_records JOIN decisions AS d USING (record_id)
WHERE paper_id = ?
