-- Every decision of a person on any paper, with the paper, in the codes of now.
SELECT paper_id, coder, record_id, decisions.question_id, at, settles, withdrawn OR reopened, coalesce(undoes, ''),
       (SELECT json_group_array(DISTINCT coalesce(code, text)) FROM answers WHERE decision_id = decisions.id)
FROM decisions
JOIN paper_records USING (record_id)
WHERE coder NOT LIKE 'rule:%'
ORDER BY at, coder, decisions.id
