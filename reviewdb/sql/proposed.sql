-- What rules propose for a paper, a row for each code and span of words.
SELECT coder, decisions.record_id, decisions.question_id, code, field, "start", "end", words
FROM paper_records
JOIN decisions ON decisions.record_id = paper_records.record_id
JOIN answers ON decision_id = decisions.id
WHERE paper_id = ? AND coder LIKE 'rule:%'
ORDER BY decisions.id, answers.rowid
