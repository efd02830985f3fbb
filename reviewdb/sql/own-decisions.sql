-- Every line of one coder's file, in the order of time, with the paper that it is about now.
SELECT paper_id, record_id, question_id, at, withdrawn, coalesce(undoes, '')
FROM decisions JOIN paper_records USING (record_id)
WHERE coder = ?
ORDER BY at, id
